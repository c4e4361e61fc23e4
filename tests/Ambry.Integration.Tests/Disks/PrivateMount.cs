using System.Diagnostics;
using System.Globalization;

namespace Ambry.Integration.Tests.Disks;

/// <summary>
/// A real file system that only this object's child process has mounted: it goes with the child, also when the tests
/// are killed. Reached through the child's root in /proc. Not thread safe.
/// </summary>
internal sealed class PrivateMount : IDisposable
{
    private readonly Process _holder;
    private readonly string _folder;

    private PrivateMount(Process holder, string folder, int holderId)
    {
        (_holder, _folder) = (holder, folder);
        Path = $"/proc/{holderId.ToString(CultureInfo.InvariantCulture)}/root{folder}/mnt";
    }

    /// <summary>Where this process sees it.</summary>
    public string Path { get; }

    /// <summary>Null, and why, where mounting is not allowed.</summary>
    /// <param name="script">Mounts something on $1/mnt; $1 is a folder of its own.</param>
    public static PrivateMount? TryCreate(string script, out string reason)
    {
        reason = "Only Linux has mounts of a process.";
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        string folder = Directory.CreateTempSubdirectory("ambry-mount-").FullName;
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "mnt"));

        // The last process of the chain ends when its input does, and the mount with it.
        Process? holder = Start(
            "unshare",
            ["-m", "--propagation", "private", "sh", "-c", $"set -e; {script}; echo $$; exec cat", "sh", folder]);
        string? line = holder?.StandardOutput.ReadLine();
        if (holder is not null && int.TryParse(line, CultureInfo.InvariantCulture, out int id))
        {
            return new PrivateMount(holder, folder, id);
        }

        reason = $"Mounting is not allowed here: {holder?.StandardError.ReadToEnd().Trim() ?? "no unshare"}";
        holder?.Dispose();
        Directory.Delete(folder, recursive: true);
        return null;
    }

    /// <summary>Runs a script where the mount is seen at $1/mnt; whether it succeeded, and what it said.</summary>
    public bool TryRun(string script, out string output)
    {
        string id = _holder.Id.ToString(CultureInfo.InvariantCulture);
        using Process? process = Start(
            "nsenter", ["-t", id, "-m", "sh", "-c", $"{script} 2>&1", "sh", _folder]);
        output = process?.StandardOutput.ReadToEnd() ?? "no nsenter";
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }

    public void Run(string script) => TryRun(script, out string output).ShouldBeTrue($"{script}: {output}");

    public void Dispose()
    {
        // Nothing can end on a file system that is frozen.
        TryRun("fsfreeze -u $1/mnt", out _);
        _holder.StandardInput.Close();
        _holder.WaitForExit(10_000);
        _holder.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process? Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
