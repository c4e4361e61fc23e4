using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>Writes while a node hangs, is down, or is new.</summary>
public class HangingPutTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void A_put_ends_at_its_quorum_and_lets_a_replica_that_hangs_go_within_a_second()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            world.Peers.Delay = Forever(world, world.Nodes[0]);
            TimeSpan took = await world.TimeAsync(() => world.PutAsync(RouterWorld.Bytes(10)));

            took.ShouldBe(TimeSpan.Zero);
            world.Pool.Outstanding.ShouldBe(1);
            await world.SettleAsync(1001 * Millisecond);
        });
    }

    [Fact]
    public void Puts_beyond_the_budget_take_the_memory_from_a_replica_that_hangs()
    {
        var world = new RouterWorld(configure: o =>
        {
            o.MemoryBudgetBytes = 16 * Chunk;
            o.PutStragglerWait = TimeSpan.FromMinutes(1);
        });
        world.Run(async () =>
        {
            world.Peers.Delay = Forever(world, world.Nodes[0]);
            byte[] content = RouterWorld.Bytes(32 * Chunk);
            var ids = new List<BlobId>();
            TimeSpan took = await world.TimeAsync(async () =>
                ids.AddRange(await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => world.PutAsync(content)))));

            took.ShouldBeLessThan(100 * Millisecond);
            world.Peers.Delay = null;
            foreach (BlobId id in ids)
            {
                await world.ShouldReadAsync(id, content);
            }

            await world.SettleAsync(TimeSpan.FromMinutes(2));
        });
    }

    [Fact]
    public void A_node_that_let_puts_hang_is_left_out_until_it_is_probed()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            world.Peers.Delay = Forever(world, world.Nodes[0]);
            for (int i = 0; i < 3; i++)
            {
                await world.PutAsync(RouterWorld.Bytes(10));
            }

            await world.WaitAsync(1001 * Millisecond);
            world.Peers.ClearCalls();
            for (int i = 0; i < 20; i++)
            {
                await world.PutAsync(RouterWorld.Bytes(10));
            }

            world.Peers.Calls.ShouldAllBe(c => c.Node != world.Nodes[0]);
            world.Peers.Calls.Count.ShouldBe(40);
            world.Peers.Delay = null;
            await world.WaitAsync(1200 * Millisecond);
            for (int i = 0; i < 20; i++)
            {
                await world.PutAsync(RouterWorld.Bytes(10));
            }

            world.Peers.Calls.Count(c => c.Node == world.Nodes[0]).ShouldBe(20);
        });
    }

    [Fact]
    public async Task With_too_few_replicas_for_two_copies_a_put_is_unavailable_at_once()
    {
        var world = new RouterWorld(state: n => n == 0 ? ReplicaState.Standby : ReplicaState.Bootstrap);

        (await world.Router.PutAsync(RouterWorld.Plain, new MemoryStream([1]), default)).Error
            .ShouldBe(RouterError.Unavailable);
        world.Peers.Calls.ShouldBeEmpty();
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task One_copy_alone_is_never_a_success()
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = c => c.Node == world.Nodes[0] ? PeerError.None : PeerError.TemporarilyDisabled;

        (await world.Router.PutAsync(RouterWorld.Plain, new MemoryStream([1]), default)).Error
            .ShouldBe(RouterError.Unavailable);

        world.Peers.FaultBefore = null;
        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task New_nodes_and_partitions_are_written_to_without_a_restart()
    {
        var world = new RouterWorld(partitions: 2);
        await world.PutAsync(RouterWorld.Bytes(10));
        DataNodeId[] more = [.. world.Nodes, new DataNodeId("node3", 6667)];
        ClusterView larger = RouterWorld.CreateView(more, 3, partitions: 8, version: 2);
        world.Peers.View = larger;

        world.Map.TryAdvance(larger).ShouldBeTrue();

        world.Peers.ClearCalls();
        var partitions = new HashSet<uint>();
        for (int i = 0; i < 8; i++)
        {
            partitions.Add((await world.PutAsync(RouterWorld.Bytes(10))).Partition.Value);
        }

        partitions.Count.ShouldBe(8);
        world.Peers.Calls.ShouldContain(c => c.Node == more[3]);
    }

    [Fact]
    public void Sixty_four_downloads_and_uploads_at_once_all_go_on_in_a_budget_of_64_chunks()
    {
        const int Clients = 64;
        var world = new RouterWorld(configure: o =>
        {
            o.MemoryBudgetBytes = 64 * Chunk;
            o.ReadBlockBytesMin = Chunk / 4;
        });
        world.Run(async () =>
        {
            byte[] content = RouterWorld.Bytes(40 * Chunk);
            BlobId id = await world.PutAsync(content);
            long most = 0;

            // Every peer takes a while, and every client a moment for each block.
            world.Peers.Delay = async (_, token) =>
            {
                most = Math.Max(most, world.Router.BytesInUse);
                await world.WaitAsync(2 * Millisecond, token);
                return PeerError.None;
            };

            TimeSpan took = await world.TimeAsync(() => Task.WhenAll(Enumerable.Range(0, 2 * Clients).Select(
                i => i % 2 == 0 ? ReadSlowlyAsync(world, id, content) : world.PutAsync(content))));

            took.ShouldBeLessThan(TimeSpan.FromSeconds(30));
            most.ShouldBeInRange(32 * Chunk, 64 * Chunk);
            await world.SettleAsync(TimeSpan.FromSeconds(3));
        });
    }

    private static async Task ReadSlowlyAsync(RouterWorld world, BlobId id, byte[] content)
    {
        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);
        opened.Error.ShouldBe(RouterError.None);
        await using IBlobReader reader = opened.Reader!;
        int position = 0;
        while (await reader.ReadAsync(default) is { Length: > 0 } block)
        {
            block.Span.SequenceEqual(content.AsSpan(position, block.Length)).ShouldBeTrue();
            position += block.Length;
            await world.WaitAsync(3 * Millisecond);
        }

        position.ShouldBe(content.Length);
    }

    private static Func<PeerCall, CancellationToken, Task<PeerError>> Forever(RouterWorld world, DataNodeId node) =>
        async (call, token) =>
        {
            await world.WaitAsync(call.Node == node ? TimeSpan.FromMinutes(5) : TimeSpan.Zero, token);
            return PeerError.None;
        };
}
