using System.CommandLine;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;

namespace Ambry.Control.Cluster;

/// <summary>
/// `ambryctl cluster init`: writes the map of a new cluster to a file, with all its partitions placed.
/// </summary>
internal static class InitCommand
{
    private static readonly Option<string> Out = new("--out")
    {
        Description = "The file to write; it must not be there yet, unless --force is given.",
        HelpName = "FILE",
        Required = true,
    };

    private static readonly Option<bool> Force = new("--force") { Description = "Write over the file." };

    private static readonly Option<string> Name = new("--name")
    {
        Description = "The name of the cluster.",
        DefaultValueFactory = _ => "ambry",
    };

    private static readonly Option<string[]> Nodes = new("--node")
    {
        Description = $"A data node, {ClusterWords.NodeSyntax}; give it once for each. The admin port is that of its "
            + "admin listener, at the same host.",
        HelpName = "NODE",
        Required = true,
    };

    private static readonly Option<string[]> Datacenters = new("--dc")
    {
        Description = "The id of a data centre, which goes into every blob id written there and never changes. "
            + "Others are numbered from 1 in the order of their nodes.",
        HelpName = "NAME=ID",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "init",
            "Write the map of a new cluster. Example:\n"
            + "  ambryctl cluster init --out map.json --name c1 --partitions 4 --partition-capacity 64GiB \\\n"
            + "    --node dc1/rack1/10.0.0.1:6001,admin=6101,disk=/disk0:1TiB \\\n"
            + "    --node dc1/rack2/10.0.0.2:6001,admin=6101,disk=/disk0:1TiB \\\n"
            + "    --node dc1/rack3/10.0.0.3:6001,admin=6101,disk=/disk0:1TiB")
        {
            Out, Force, Name, Nodes, Datacenters,
            PartitionOptions.Count, PartitionOptions.Replicas, PartitionOptions.Capacity, PartitionOptions.Class,
        };
        command.SetAction((parsed, token) => RunAsync(parsed, io, token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ControlStreams io, CancellationToken token)
    {
        var faults = new Faults();
        string file = parsed.GetValue(Out)!;
        if (File.Exists(file) && !parsed.GetValue(Force))
        {
            faults.Add($"'{file}' is there already; --force writes over it.");
        }

        NewNode[] nodes = [.. parsed.GetValue(Nodes)!
            .Select(text => ClusterWords.NewNode(text, faults)).OfType<NewNode>()];
        IReadOnlyList<DatacenterLayout> datacenters = ToDatacenters(nodes, parsed.GetValue(Datacenters) ?? [], faults);
        PartitionWish? wish = PartitionOptions.Read(parsed, replicasThere: null, faults);
        faults.ThrowIfAny();

        ClusterLayoutResult result = ClusterPlanner.Create(parsed.GetValue(Name)!, datacenters, wish!);
        if (result.Layout is not { } layout)
        {
            await io.Error.WriteLineAsync($"ambryctl: {Faults.Text(result.Faults)}");
            return ControlLine.Failed;
        }

        await MapFile.WriteAsync(file, layout, token);
        await EditText.PrintWarningsAsync(layout, io.Error);
        await io.Output.WriteLineAsync($"{file}: {EditText.Summary(layout)}");
        return 0;
    }

    private static List<DatacenterLayout> ToDatacenters(NewNode[] nodes, string[] ids, Faults faults)
    {
        var known = new Dictionary<string, byte>(StringComparer.Ordinal);
        foreach ((string name, byte id) in ids
            .Select(text => ClusterWords.Datacenter(text, faults)).OfType<(string, byte)>())
        {
            if (!known.TryAdd(name, id))
            {
                faults.Add($"data centre '{name}': is given twice.");
            }
            else if (nodes.All(node => node.Datacenter != name))
            {
                faults.Add($"data centre '{name}': no node is in it.");
            }
        }

        var all = new List<DatacenterLayout>();
        foreach (IGrouping<string, NewNode> group in nodes.GroupBy(node => node.Datacenter))
        {
            if (!known.TryGetValue(group.Key, out byte id))
            {
                id = (byte)Enumerable.Range(1, byte.MaxValue).FirstOrDefault(
                    free => !known.ContainsValue((byte)free) && all.All(d => d.Id != free));
            }

            all.Add(new DatacenterLayout(group.Key, id, [.. group.Select(node => node.Node)]));
        }

        return all;
    }
}
