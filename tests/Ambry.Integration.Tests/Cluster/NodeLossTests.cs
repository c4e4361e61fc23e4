using Ambry.ClusterMap;
using Xunit.Abstractions;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>
/// A cluster of three nodes under load loses each of them in turn: killed, stopped, wiped. Nothing acknowledged is
/// lost, clients see at most a short 503, and in the end all replicas hold the same.
/// </summary>
public sealed class NodeLossTests(ClusterFixture cluster, ITestOutputHelper output) : IClassFixture<ClusterFixture>
{
    private const int Seed = 20_264;

    /// <summary>Requests that succeed while a node is away, and after it came back.</summary>
    private const int Requests = 200;

    /// <summary>What a client may be refused for at most.</summary>
    private static readonly TimeSpan RefusalMax = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LevelLimit = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Each_node_killed_stopped_and_wiped_under_load_loses_nothing_acknowledged()
    {
        var load = new ObjectLoad(cluster.S3, await cluster.NewBucketAsync(), Seed);
        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(stop.Token);
        await load.WaitForProgressAsync(Requests);
        foreach (string node in (string[])["data1", "data2", "data3"])
        {
            await cluster.KillAsync(node);
            await load.WaitForProgressAsync(Requests);
            await cluster.StartNodeAsync(node);

            await cluster.SuspendAsync(node);
            await load.WaitForProgressAsync(Requests);
            await cluster.ResumeAsync(node);
            await load.WaitForProgressAsync(Requests);

            await cluster.KillAsync(node);
            await cluster.WipeAsync(node);
            await load.WaitForProgressAsync(Requests);
            await cluster.StartNodeAsync(node);
            await ClusterFixture.UntilAsync(
                () => IsServingAsync(node), LevelLimit, $"{node} serves after it was wiped");
        }

        await stop.CancelAsync();
        await running;
        output.WriteLine(
            $"seed {Seed}: {load.Acknowledged} objects, {load.Deleted} deleted, {load.Reads} reads; "
            + $"{load.Refusals} times 503, the longest for {load.LongestRefusal}; the slowest request {load.Slowest}");
        load.Faults.ShouldBeEmpty();
        load.LongestRefusal.ShouldBeLessThanOrEqualTo(RefusalMax);
        await load.VerifyAsync();
        await ClusterFixture.UntilAsync(IsLevelAsync, LevelLimit, "no replica lacks what another one has");
        string admin = (await cluster.NodeAsync("data1")).Admin;
        output.WriteLine(await ClusterFixture.ControlAsync("verify", "cluster", "--content", "--admin", admin));
    }

    private async Task<bool> IsServingAsync(string name)
    {
        var status = await cluster.StatusAsync(await cluster.NodeAsync(name));
        return status.Replicas.All(replica => replica.State is ReplicaState.Standby or ReplicaState.Leader);
    }

    private async Task<bool> IsLevelAsync()
    {
        foreach (var node in (await cluster.NodesAsync()).Where(node => node.Role == "data"))
        {
            var status = await cluster.StatusAsync(node);
            if (status.Replicas.Any(replica => replica.Peers.Any(peer => peer.LagBytes > 0)))
            {
                return false;
            }
        }

        return true;
    }
}
