using System.CommandLine;
using Ambry.ClusterMap;

namespace Ambry.Control.Cluster;

/// <summary>
/// A verb that makes another map of the present one: reads it, changes it, says what that changes, and puts it where
/// the old one is.
/// </summary>
internal static class EditCommand
{
    /// <summary>Notes what the words do not mean; otherwise answers what to do with a map.</summary>
    public delegate Func<ClusterLayout, ClusterLayoutResult> Reader(ParseResult parsed, Faults faults);

    public static Command Create(
        ControlStreams io, string name, string description, Reader read, params ReadOnlySpan<Symbol> words)
    {
        var command = new Command(name, description)
        {
            ClusterOptions.Map, ClusterOptions.Admin, ClusterOptions.Token, ClusterOptions.DryRun,
        };
        foreach (Symbol word in words)
        {
            if (word is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)word);
            }
        }

        command.SetAction((parsed, token) => RunAsync(parsed, io, read, token));
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed, ControlStreams io, Reader read, CancellationToken token)
    {
        var faults = new Faults();
        using IMapSource source = ClusterOptions.Source(parsed, io, faults);
        Func<ClusterLayout, ClusterLayoutResult> change = read(parsed, faults);
        faults.ThrowIfAny();
        ClusterLayout from = await source.ReadAsync(token);
        return await ApplyAsync(io, source, from, change(from), parsed.GetValue(ClusterOptions.DryRun), token)
            ? 0
            : ControlLine.Failed;
    }

    /// <summary>Says what is changed and, unless it is a rehearsal, changes it.</summary>
    public static async Task<bool> ApplyAsync(
        ControlStreams io,
        IMapSource source,
        ClusterLayout from,
        ClusterLayoutResult result,
        bool isDryRun,
        CancellationToken token)
    {
        if (result.Layout is not { } to)
        {
            await io.Error.WriteLineAsync($"ambryctl: {Faults.Text(result.Faults)}");
            return false;
        }

        IReadOnlyList<string> lines = EditText.Differences(from, to);
        if (lines.Count == 0)
        {
            await io.Output.WriteLineAsync($"nothing to change in version {from.Version}");
            return true;
        }

        foreach (string line in lines)
        {
            await io.Output.WriteLineAsync(line);
        }

        await EditText.PrintWarningsAsync(to, io.Error);
        if (isDryRun)
        {
            await io.Output.WriteLineAsync($"dry run: version {from.Version} would become {to.Version}");
            return true;
        }

        return await source.WriteAsync(from, to, token);
    }
}
