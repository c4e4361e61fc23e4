using System.CommandLine;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>The verbs that are one change of the map.</summary>
internal static class EditVerbs
{
    private static readonly Argument<string> NewNode = new("NODE")
    {
        Description = $"The new node: {ClusterWords.NodeSyntax}.",
    };

    private static readonly Option<byte?> DatacenterId = new("--dc-id")
    {
        Description = "The id of its data centre, when that is new; otherwise the lowest free one.",
        HelpName = "ID",
    };

    private static readonly Option<string> Disk = new("--disk")
    {
        Description = "The new disk.",
        HelpName = "MOUNT:SIZE",
        Required = true,
    };

    private static readonly Option<string> OneDisk = new("--disk")
    {
        Description = "Only this disk of the node.",
        HelpName = "MOUNT",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Even when partitions are left with fewer replicas than a write needs.",
    };

    private static readonly Argument<string> OnOff = CreateOnOff();

    private static readonly Argument<uint[]> Partitions = new("PARTITION")
    {
        Description = "The id of a partition; one or more.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> OnNode = new("--node")
    {
        Description = "Only the replicas on this node.",
        HelpName = "HOST:PORT",
    };

    private static readonly Argument<string> Datacenter = new("DC")
    {
        Description = "The name of the data centre.",
    };

    private static readonly Option<int> Replicas = new("--replicas")
    {
        Description = "Replicas of each partition in it.",
        HelpName = "N",
        DefaultValueFactory = _ => PartitionOptions.DefaultReplicas,
    };

    public static IEnumerable<Command> Create(ControlStreams io) => [.. CreateGrowing(io), .. CreateRunning(io)];

    private static IEnumerable<Command> CreateGrowing(ControlStreams io) =>
    [
        EditCommand.Create(
            io,
            "add-node",
            "Add a data node, and its data centre when that is new. Replicas stay where they are: new partitions go "
            + "there first (add-partitions), or move some (rebalance).",
            ReadAddNode,
            NewNode,
            DatacenterId),
        EditCommand.Create(
            io,
            "add-disk",
            "Add a disk to a data node. Replicas stay where they are.",
            ReadAddDisk,
            ClusterOptions.Node,
            Disk),
        EditCommand.Create(
            io,
            "add-partitions",
            "Make partitions, on the emptiest disks. Those there are stay where they are.",
            ReadAddPartitions,
            PartitionOptions.Count,
            PartitionOptions.Replicas,
            PartitionOptions.Capacity,
            PartitionOptions.Class),
        EditCommand.Create(
            io,
            "add-replicas",
            "Give every partition replicas in a data centre where it has fewer, as after that data centre was added.",
            ReadAddReplicas,
            Datacenter,
            Replicas),
    ];

    private static IEnumerable<Command> CreateRunning(ControlStreams io) =>
    [
        EditCommand.Create(
            io,
            "maintenance",
            "Say that a node or disk is out of use for a while (on) or back (off). Nobody asks its replicas meanwhile.",
            ReadMaintenance,
            OnOff,
            ClusterOptions.Node,
            OneDisk,
            Force),
        EditCommand.Create(
            io, "seal", "Close partitions for new blobs.", SetState(PartitionState.ReadOnly), Partitions),
        EditCommand.Create(
            io, "unseal", "Open partitions for new blobs again.", SetState(PartitionState.ReadWrite), Partitions),
        EditCommand.Create(
            io,
            "disable",
            "Take replicas of partitions out of service: nobody asks them, they stay on the disk.",
            SetInService(false),
            Partitions,
            OnNode),
        EditCommand.Create(
            io,
            "enable",
            "Take replicas of partitions into service again.",
            SetInService(true),
            Partitions,
            OnNode),
        EditCommand.Create(
            io,
            "cancel-moves",
            "Take back the moves of replicas from or to a node that are not finished.",
            ReadCancel,
            ClusterOptions.Node),
    ];

    private static Func<ClusterLayout, ClusterLayoutResult> ReadAddNode(ParseResult parsed, Faults faults)
    {
        NewNode? node = ClusterWords.NewNode(parsed.GetValue(NewNode)!, faults);
        byte? id = parsed.GetValue(DatacenterId);
        return layout => ClusterPlanner.AddNode(layout, node!.Datacenter, node.Node, id);
    }

    private static Func<ClusterLayout, ClusterLayoutResult> ReadAddDisk(ParseResult parsed, Faults faults)
    {
        DataNodeId? node = ClusterWords.Node(parsed.GetValue(ClusterOptions.Node)!, "NODE", faults);
        DiskLayout? disk = ClusterWords.Disk(parsed.GetValue(Disk)!, "--disk", faults);
        return layout => ClusterPlanner.AddDisk(layout, node!.Value, disk!);
    }

    private static Func<ClusterLayout, ClusterLayoutResult> ReadAddPartitions(ParseResult parsed, Faults faults)
    {
        PartitionOptions.Read(parsed, replicasThere: null, faults);
        return layout => ClusterPlanner.AddPartitions(
            layout, PartitionOptions.Read(parsed, ClusterPlanner.ReplicasPerDatacenter(layout), faults)!);
    }

    private static Func<ClusterLayout, ClusterLayoutResult> ReadAddReplicas(ParseResult parsed, Faults faults)
    {
        int replicas = parsed.GetValue(Replicas);
        if (replicas is < 1 or > ClusterLayoutRules.MaxReplicasPerPartition)
        {
            faults.Add($"--replicas: must be 1 to {ClusterLayoutRules.MaxReplicasPerPartition}.");
        }

        return layout => ClusterPlanner.AddReplicas(layout, parsed.GetValue(Datacenter)!, replicas);
    }

    private static Func<ClusterLayout, ClusterLayoutResult> ReadMaintenance(ParseResult parsed, Faults faults)
    {
        DataNodeId? node = ClusterWords.Node(parsed.GetValue(ClusterOptions.Node)!, "NODE", faults);
        string? mount = parsed.GetValue(OneDisk);
        bool isForced = parsed.GetValue(Force);
        HardwareState state = parsed.GetValue(OnOff) == "on" ? HardwareState.Unavailable : HardwareState.Available;
        return layout =>
        {
            ClusterLayoutResult result = ClusterPlanner.SetHardwareState(layout, node!.Value, mount, state);
            if (result.Layout is not { } changed || isForced)
            {
                return result;
            }

            IReadOnlyList<string> lost = ClusterPlanner.WritesLost(layout, changed);
            return lost.Count > 0 ? new ClusterLayoutResult(null, [.. lost, "--force does it all the same"]) : result;
        };
    }

    private static Func<ClusterLayout, ClusterLayoutResult> ReadCancel(ParseResult parsed, Faults faults)
    {
        DataNodeId? node = ClusterWords.Node(parsed.GetValue(ClusterOptions.Node)!, "NODE", faults);
        return layout => ReplicaMoves.InProgress(layout)
            .Where(move => move.From == node || move.To == node).ToList() is { Count: > 0 } ours
                ? ReplicaMoves.Cancel(layout, ours)
                : new ClusterLayoutResult(null, [$"node {node}: no replica is being moved from or to it"]);
    }

    private static EditCommand.Reader SetState(PartitionState state) => (parsed, _) => layout =>
        ClusterPlanner.SetPartitionState(layout, Ids(parsed), state);

    private static EditCommand.Reader SetInService(bool isInService) => (parsed, faults) =>
    {
        DataNodeId? node = parsed.GetValue(OnNode) is { } text ? ClusterWords.Node(text, "--node", faults) : null;
        return layout => ClusterPlanner.SetInService(layout, Ids(parsed), node, isInService);
    };

    private static PartitionId[] Ids(ParseResult parsed) =>
        [.. parsed.GetValue(Partitions)!.Select(id => new PartitionId(id))];

    private static Argument<string> CreateOnOff()
    {
        var word = new Argument<string>("on|off") { Description = "on: it goes away. off: it is back." };
        return word.AcceptOnlyFromAmong("on", "off");
    }
}
