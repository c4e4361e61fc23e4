using System.Diagnostics;
using System.Globalization;

namespace Ambry.Integration.Tests.Disks;

/// <summary>
/// Counts what this process sends by sendfile, with strace. One at a time: a process has one tracer; who uses it is of
/// its collection.
/// </summary>
internal sealed class SendFileTrace : IAsyncDisposable
{
    public const string Collection = "Traced by strace";

    private readonly string _file;
    private readonly Process? _strace;

    private SendFileTrace(string file, Process? strace, string? obstacle)
    {
        _file = file;
        _strace = strace;
        Obstacle = obstacle;
    }

    /// <summary>Why nothing can be counted here; null when it can.</summary>
    public string? Obstacle { get; }

    public static SendFileTrace Start(string folder)
    {
        string file = Path.Combine(folder, "trace");
        if (!OperatingSystem.IsLinux())
        {
            return new SendFileTrace(file, null, "sendfile is Linux's.");
        }

        var start = new ProcessStartInfo(
            "strace",
            [
                "-f", "-e", "trace=sendfile", "-o", file,
                "-p", Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            ])
        {
            RedirectStandardError = true,
        };
        try
        {
            return Attach(file, Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new SendFileTrace(file, null, "strace is not installed.");
        }
    }

    /// <summary>Bytes sent since the start.</summary>
    public async Task<long> StopAsync()
    {
        // Interrupted, it lets this process go.
        using (var kill = Process.Start("kill", ["-INT", _strace!.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        await _strace.WaitForExitAsync();
        var calls = await File.ReadAllLinesAsync(_file);
        return calls.Where(call => call.Contains("sendfile", StringComparison.Ordinal)).Sum(Sent);
    }

    public async ValueTask DisposeAsync()
    {
        if (_strace is { HasExited: false })
        {
            await StopAsync();
        }

        _strace?.Dispose();
    }

    private static SendFileTrace Attach(string file, Process strace)
    {
        // It names the process once it follows its threads, or says why it may not.
        string? line = strace.StandardError.ReadLine();
        if (line?.Contains("attached", StringComparison.Ordinal) == true)
        {
            _ = strace.StandardError.ReadToEndAsync();
            return new SendFileTrace(file, strace, null);
        }

        strace.Dispose();
        return new SendFileTrace(file, null, $"strace may not attach: {line}");
    }

    private static long Sent(string call) =>
        long.TryParse(call[(call.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture, out var sent) && sent > 0
            ? sent
            : 0;
}
