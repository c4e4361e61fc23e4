using Ambry.ClusterMap;
using Ambry.ClusterMap.Planning;
using Ambry.Protocol;

namespace Ambry.Tests.Control;

/// <summary>Nodes with admin listeners of one data centre, a rack each, and a map that all of them have.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private static readonly DateTimeOffset Start = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeNode?[] _nodes;

    /// <param name="spares">Of the nodes, that many at the end hold no replica.</param>
    public FakeCluster(int nodes, int partitions = 2, int spares = 0, string? token = null)
    {
        _nodes = [.. Enumerable.Range(0, nodes).Select(i => new FakeNode
        {
            Id = new DataNodeId("127.0.0.1", 6001 + i),
            Token = token,
        })];
        DataNodeLayout[] machines = [.. _nodes.Select((node, i) => new DataNodeLayout(
            node!.Id.Host,
            node.Id.Port,
            $"rack{i + 1}",
            HardwareState.Available,
            [new DiskLayout("/disk0", 1L << 40, HardwareState.Available)])
        {
            AdminPort = node.AdminPort,
        })];
        ClusterLayout map = ClusterPlanner.Create(
            "c1",
            [new DatacenterLayout("dc1", 1, machines[..(nodes - spares)])],
            new PartitionWish(partitions, Math.Min(3, nodes - spares), 1L << 36)).Layout!;
        foreach (DataNodeLayout spare in machines[(nodes - spares)..])
        {
            map = ClusterPlanner.AddNode(map, "dc1", spare, null).Layout!;
        }

        foreach (FakeNode? node in _nodes)
        {
            node!.Map = map;
            node.Serve();
        }
    }

    public FakeNode this[int index] => _nodes[index]!;

    public ClusterLayout Map => _nodes.First(node => node is not null)!.Map!;

    public JumpingTime Time { get; } = new(Start);

    public async Task StopAsync(int index)
    {
        await _nodes[index]!.DisposeAsync();
        _nodes[index] = null;
    }

    /// <summary>A run of `ambryctl` with a clock that does not wait.</summary>
    public Task<ControlRun> RunAsync(string words) => ControlRun.OfAsync(
        Time, words.Replace("{admin}", _nodes.First(node => node is not null)!.Admin).Split(' '));

    /// <summary>Ports that differ from run to run as ones that do not; all are of five digits.</summary>
    public string Steady(string text) => _nodes.Select((node, i) => (node, i)).Where(x => x.node is not null)
        .Aggregate(text, (t, x) => t.Replace($"{x.node!.AdminPort}", $"ADM{x.i + 1:00}"));

    public async ValueTask DisposeAsync()
    {
        foreach (FakeNode? node in _nodes)
        {
            if (node is not null)
            {
                await node.DisposeAsync();
            }
        }
    }
}
