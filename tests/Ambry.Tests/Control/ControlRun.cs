using System.Runtime.CompilerServices;
using Ambry.Control;
using Ambry.Tests.Samples;
using Shouldly;

namespace Ambry.Tests.Control;

/// <summary>One run of `ambryctl`, in this process.</summary>
internal sealed record ControlRun(int ExitCode, string Output, string Error)
{
    private static readonly bool Writes = Environment.GetEnvironmentVariable("AMBRY_WRITE_GOLDEN") == "1";

    public static Task<ControlRun> OfAsync(params string[] args) => OfAsync(TimeProvider.System, args);

    public static async Task<ControlRun> OfAsync(TimeProvider time, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var io = new ControlStreams(output, error, ErrorIsTerminal: false, time);
        int exit = await ControlLine.RunAsync(args, io, CancellationToken.None);
        return new ControlRun(exit, output.ToString(), error.ToString());
    }

    /// <summary>
    /// Compares with a file; with AMBRY_WRITE_GOLDEN=1 the file is written anew instead, to be read before it is
    /// committed.
    /// </summary>
    public void ShouldBeGolden(string name, [CallerFilePath] string source = "")
    {
        if (Writes)
        {
            string written = Path.Combine(Path.GetDirectoryName(source)!, "Golden", name);
            Directory.CreateDirectory(Path.GetDirectoryName(written)!);
            File.WriteAllText(written, Output);
        }

        string golden = Writes ? Output
            : File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Control", "Golden", name));
        Output.ShouldBe(golden.ReplaceLineEndings("\n"));
    }
}

/// <summary>A sample unpacked to a folder of the real file system, which is removed again.</summary>
internal sealed class UnpackedSample : IDisposable
{
    public UnpackedSample(string name) => SampleArchive.Extract(name, Root);

    public string Root { get; } = Directory.CreateTempSubdirectory("ambryctl-").FullName;

    public string Store => Path.Combine(Root, SamplesV1.StoreFolder);

    /// <summary>Every file with its bytes and its time, to prove that nothing was touched.</summary>
    public Dictionary<string, (string Bytes, DateTime Written)> Fingerprint() =>
        Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).ToDictionary(
            path => path,
            path => (
                File.Exists(path) ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(
                    File.ReadAllBytes(path))) : "",
                File.GetLastWriteTimeUtc(path)));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
