using Xunit.Abstractions;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>
/// A cluster of three nodes under load loses each of them in turn: killed, stopped, wiped. Nothing acknowledged is
/// lost, clients see at most a short 503, and in the end all replicas hold the same.
/// </summary>
public sealed class NodeLossTests(ITestOutputHelper output)
{
    private const int Seed = 20_264;
    private const string Bucket = "kept";

    /// <summary>Requests that succeed while a node is away, and after it came back.</summary>
    private const int Requests = 300;

    /// <summary>What a client may be refused for at most.</summary>
    private static readonly TimeSpan RefusalMax = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task Each_node_killed_stopped_and_wiped_under_load_loses_nothing_acknowledged()
    {
        await using var cluster = await ClusterProcesses.StartAsync(nodes: 3);
        using var s3 = cluster.Connect();
        await s3.PutBucketAsync(Bucket);
        var load = new ObjectLoad(s3, Bucket, Seed);
        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(stop.Token);
        await load.WaitForProgressAsync(Requests);
        foreach (var node in cluster.DataNodes)
        {
            await cluster.KillAsync(node);
            await load.WaitForProgressAsync(Requests);
            await cluster.StartAgainAsync(node);

            await cluster.SuspendAsync(cluster.Find(node.Name));
            await load.WaitForProgressAsync(Requests);
            await cluster.ResumeAsync(cluster.Find(node.Name));
            await load.WaitForProgressAsync(Requests);

            await cluster.KillAsync(cluster.Find(node.Name));
            cluster.Wipe(node);
            await load.WaitForProgressAsync(Requests);
            await cluster.StartAgainAsync(node);
            await cluster.WaitUntilServingAsync(cluster.Find(node.Name));
        }

        await stop.CancelAsync();
        await running;
        output.WriteLine(
            $"seed {Seed}: {load.Acknowledged} objects, {load.Deleted} deleted, {load.Reads} reads; "
            + $"{load.Refusals} times 503, the longest for {load.LongestRefusal}; the slowest request {load.Slowest}");
        load.Faults.ShouldBeEmpty();
        load.LongestRefusal.ShouldBeLessThanOrEqualTo(RefusalMax);
        await load.VerifyAsync();
        await cluster.WaitUntilLevelAsync();
        var (exitCode, said) = await cluster.ControlAsync("verify", "cluster", "--content");
        exitCode.ShouldBe(0, said);
    }
}
