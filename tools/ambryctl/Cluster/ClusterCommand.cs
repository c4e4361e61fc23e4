using System.CommandLine;

namespace Ambry.Control.Cluster;

/// <summary>`ambryctl cluster`: the verbs about the cluster map.</summary>
internal static class ClusterCommand
{
    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "cluster",
            "Make, show and change the cluster map: a file (--map), or that of a running cluster (--admin, any "
            + "node of it).")
        {
            InitCommand.Create(io), ShowCommand.Create(io), PushCommand.Create(io),
            DecommissionCommand.Create(io), RebalanceCommand.Create(io),
        };
        foreach (Command verb in EditVerbs.Create(io))
        {
            command.Subcommands.Add(verb);
        }

        return command;
    }
}
