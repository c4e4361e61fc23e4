using System.CommandLine;
using Ambry.Host.Dev;
using Ambry.Host.Serving;

namespace Ambry.Host;

/// <summary>The verbs of the `ambry` executable. Without a verb it is `ambry dev`.</summary>
internal static class CommandLine
{
    /// <summary>Exit code for words that could not be understood; 1 is for everything that went wrong later.</summary>
    public const int UsageError = 2;

    private static readonly string[] RootWords = ["dev", "server", "--help", "-h", "-?", "/?", "--version"];

    public static async Task<int> InvokeAsync(string[] args)
    {
        var root = new RootCommand("Ambry.S3: an S3-compatible object store.")
        {
            DevCommand.Create(), ServerCommand.Create(),
        };
        bool implied = args.Length == 0 || (args[0].StartsWith('-') && !RootWords.Contains(args[0]));
        var parsed = root.Parse(implied ? ["dev", .. args] : args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync($"ambry: {parsed.Errors[0].Message} Try 'ambry --help'.");
            return UsageError;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration
        {
            // Signals are the drain's business, see DevServer.
            ProcessTerminationTimeout = null,
        });
    }
}
