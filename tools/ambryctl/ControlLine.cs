using System.CommandLine;
using Ambry.Control.Certificates;
using Ambry.Control.Cluster;

namespace Ambry.Control;

/// <summary>The verbs of `ambryctl`, and what every one of them answers with.</summary>
internal static class ControlLine
{
    /// <summary>Exit code of a command that did not find things as they should be, or failed.</summary>
    public const int Failed = 1;

    /// <summary>Exit code for words that mean nothing, or a folder that is not what they ask for.</summary>
    public const int UsageError = 2;

    /// <summary>The shell's own for a command ended by Ctrl-C.</summary>
    private const int Interrupted = 130;

    public static async Task<int> RunAsync(string[] args, ControlStreams io, CancellationToken token)
    {
        var root = new RootCommand("Operates Ambry.S3: a node through its admin listener, files where they lie.")
        {
            HealthCommand.Create(),
            CompactCommand.Create(io),
            DumpCommand.Create(io),
            VerifyCommand.Create(io),
            ClusterCommand.Create(io),
            CertificateCommand.Create(io),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await io.Error.WriteLineAsync($"ambryctl: {parsed.Errors[0].Message} Try 'ambryctl --help'.");
            return UsageError;
        }

        try
        {
            var streams = new InvocationConfiguration
            {
                Output = io.Output,
                Error = io.Error,
                EnableDefaultExceptionHandler = false,
            };
            return await parsed.InvokeAsync(streams, token);
        }
        catch (UsageException fault)
        {
            await io.Error.WriteLineAsync($"ambryctl: {fault.Message}");
            return UsageError;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            await io.Error.WriteLineAsync($"ambryctl: {fault.Message}");
            return Failed;
        }
        catch (OperationCanceledException)
        {
            return Interrupted;
        }
        finally
        {
            await io.Output.FlushAsync(CancellationToken.None);
        }
    }
}
