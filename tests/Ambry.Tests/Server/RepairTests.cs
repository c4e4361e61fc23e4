using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

/// <summary>Damage that a reader or the scrubber finds is mended from a peer.</summary>
public class RepairTests
{
    [Fact]
    public async Task A_damaged_blob_that_a_client_meets_is_whole_again_soon()
    {
        await using NodesWorld world = await FilledAsync();
        Damage(world, node: 1, number: 2);

        (await world.GetAsync(1, 0, 2)).ShouldBe(PeerError.Corrupt);
        await world.RunAsync(rounds: 5);
        (await world.GetAsync(1, 0, 2)).ShouldBe(PeerError.None);
        world.StateOf(1, 0).ShouldBe(ReplicaState.Standby);
    }

    [Fact]
    public async Task A_damaged_blob_that_the_scrubber_finds_is_whole_before_anybody_asks()
    {
        await using NodesWorld world = await FilledAsync();
        Damage(world, node: 1, number: 2);
        Damage(world, node: 1, number: 3);
        NodeWorker scrub = world[1].Workers.Single(w => w.Kind == NodeWorkerKind.Scrub);

        // The world's clock stands still unless the test moves it: the scrubber's pauses are the test's to end.
        Task<int> step = scrub.RunOnceAsync(default).AsTask();
        for (int i = 0; i < 1000 && !step.IsCompleted; i++)
        {
            world.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        (await step).ShouldBeGreaterThan(0);
        await world.RunAsync(rounds: 5);
        (await world.GetAsync(1, 0, 2)).ShouldBe(PeerError.None);
        (await world.GetAsync(1, 0, 3)).ShouldBe(PeerError.None);
    }

    private static async Task<NodesWorld> FilledAsync()
    {
        var world = new NodesWorld(nodes: 3, partitions: 1);
        await world.StartAllAsync();
        await world.RunAsync();
        for (int i = 0; i < 5; i++)
        {
            (await world.PutAsync(0, 0, i)).ShouldBe(PeerError.None);
        }

        await world.RunAsync(rounds: 5);
        return world;
    }

    private static void Damage(NodesWorld world, int node, int number)
    {
        const string folder = "partitions/0/log";
        SimDisk disk = world.DiskOf(node, "/d0");
        byte[] content = NodesWorld.Content(number);
        string path = disk.ListFiles(folder).Select(name => $"{folder}/{name}")
            .Single(path => disk.Contents(path).AsSpan().IndexOf(content) >= 0);
        disk.FlipBit(path, disk.Contents(path).AsSpan().IndexOf(content) + 100, 3);
    }
}
