using System.CommandLine;
using Ambry.Host.Configuration;

namespace Ambry.Host.Serving;

/// <summary>The words of `ambry server`.</summary>
internal static class ServerCommand
{
    /// <summary>A page of keys, with room for long lists.</summary>
    private const int FileBytesMax = 1024 * 1024;

    private const int Failed = 1;

    private static readonly Option<string> Config = new("--config")
    {
        Description = "The configuration of this process; docs/configuration.md lists its keys.",
        HelpName = "FILE",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command("server", "Run the roles of one process of a cluster.") { Config };
        command.SetAction((parsed, token) => RunAsync(Path.GetFullPath(parsed.GetValue(Config)!), token));
        return command;
    }

    private static async Task<int> RunAsync(string file, CancellationToken token)
    {
        ServerOptionsResult read;
        try
        {
            byte[] json = await ConfigurationFile.ReadAsync(file, FileBytesMax, token);
            read = ServerOptionsReader.Read(json, Path.GetDirectoryName(file)!, Environment.GetEnvironmentVariable);
        }
        catch (StartupException fault)
        {
            await ProcessLife.SayAsync(fault.Message);
            return Failed;
        }

        foreach (string fault in read.Faults)
        {
            await ProcessLife.SayAsync($"{file}: {fault}");
        }

        return read.Options is { } options ? await ServerProcess.RunAsync(options, token) : Failed;
    }
}
