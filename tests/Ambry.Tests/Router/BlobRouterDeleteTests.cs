using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class BlobRouterDeleteTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(20 * Chunk)]
    public async Task A_delete_leaves_nothing_and_may_be_repeated(int size)
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(size));

        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);

        world.Peers.LiveBlobs.ShouldBeEmpty();
        (await world.Router.OpenReadAsync(id, 0, 1, ReadScope.Live, default)).Error.ShouldBe(RouterError.NotFound);
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task The_metadata_blob_goes_before_its_parts()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(3 * Chunk));
        world.Peers.ClearCalls();

        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);

        PeerCall[] calls = world.Peers.Calls.ToArray();
        calls[0].ShouldSatisfyAllConditions(
            c => c.Operation.ShouldBe(PeerOperation.Get), c => c.Get!.IncludeDeleted.ShouldBeTrue());
        calls.Where(c => c.Operation == PeerOperation.Delete).Take(3).ShouldAllBe(c => c.Id == id);
    }

    [Fact]
    public async Task A_stitched_blob_goes_with_its_parts_and_theirs()
    {
        var world = new RouterWorld();
        var parts = new List<BlobPart>
        {
            new(await world.PutAsync(RouterWorld.Bytes(3 * Chunk)), 3 * Chunk),
            new(await world.PutAsync(RouterWorld.Bytes(5)), 5),
        };
        PutBlobResult stitched = await world.Router.StitchAsync(RouterWorld.Plain, parts, default);

        (await world.Router.DeleteAsync(stitched.Id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);

        world.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_metadata_blob_alone_leaves_its_parts_readable()
    {
        var world = new RouterWorld();
        byte[] content = RouterWorld.Bytes(3 * Chunk);
        BlobId part = await world.PutAsync(content);
        PutBlobResult stitched = await world.Router.StitchAsync(
            RouterWorld.Plain, [new BlobPart(part, content.Length)], default);

        (await world.Router.DeleteAsync(stitched.Id, DeleteScope.MetadataBlobOnly, default)).ShouldBe(RouterError.None);

        (await world.Router.OpenReadAsync(stitched.Id, 0, 1, ReadScope.Live, default)).Error
            .ShouldBe(RouterError.NotFound);
        await world.ShouldReadAsync(part, content);
    }

    [Fact]
    public async Task A_delete_that_stopped_anywhere_is_finished_by_repeating_it()
    {
        for (int stopAfter = 0; stopAfter < 30; stopAfter++)
        {
            var world = new RouterWorld();
            var part = new BlobPart(await world.PutAsync(RouterWorld.Bytes(3 * Chunk)), 3 * Chunk);
            BlobId id = (await world.Router.StitchAsync(RouterWorld.Plain, [part, part], default)).Id;
            int calls = 0;
            world.Peers.FaultBefore = _ => calls++ < stopAfter ? PeerError.None : PeerError.Unreachable;

            RouterError first = await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
            world.Peers.FaultBefore = null;
            RouterError second = await world.Router.DeleteAsync(id, DeleteScope.Whole, default);

            first.ShouldBeOneOf(RouterError.Unavailable, RouterError.None);
            second.ShouldBe(RouterError.None, $"stopped after {stopAfter} calls");
            world.Peers.LiveBlobs.ShouldBeEmpty($"stopped after {stopAfter} calls");
        }
    }

    [Fact]
    public async Task A_blob_that_never_was_is_not_found()
    {
        var world = new RouterWorld();
        foreach (BlobKind kind in Enum.GetValues<BlobKind>())
        {
            var id = new BlobId(new DataCenterId(1), 1, 1, new PartitionId(2), kind, Guid.Empty);
            (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.NotFound);
        }
    }

    [Fact]
    public async Task A_replica_that_does_not_answer_keeps_a_missing_blob_from_being_called_missing()
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = c => c.Node == world.Nodes[1] ? PeerError.Unreachable : PeerError.None;
        var id = new BlobId(new DataCenterId(1), 1, 1, new PartitionId(2), BlobKind.Simple, Guid.Empty);

        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.Unavailable);
    }

    [Fact]
    public async Task A_delete_with_one_node_down_reaches_its_quorum()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5 * Chunk));
        world.Peers.FaultBefore = c => c.Node == world.Nodes[1] ? PeerError.Unreachable : PeerError.None;

        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
    }

    [Fact]
    public async Task A_blob_on_one_replica_only_is_deleted_when_all_answered()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5));
        DataNodeId[] holders = world.View.FindPartition(id.Partition)!.Replicas.Select(r => r.Node).ToArray();
        world.Peers.Forget(holders[0], id);
        world.Peers.Forget(holders[2], id);

        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);

        world.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Background_deletes_wait_between_tries_and_give_up_in_the_end()
    {
        var world = new RouterWorld(configure: o => o.BackgroundDeleteAttempts = 3);
        world.Peers.FaultBefore = _ => PeerError.Unreachable;
        await world.Router.PutAsync(RouterWorld.Plain, new MemoryStream([1]), default);
        BackgroundDeleter deleter = world.Router.BackgroundDeleter;
        int queued = deleter.Count;
        queued.ShouldBe(2);
        world.Peers.ClearCalls();

        await deleter.RunOnceAsync(default);
        await deleter.RunOnceAsync(default);
        world.Peers.Calls.Count.ShouldBe(queued * 3);
        world.Time.Advance(TimeSpan.FromSeconds(4));
        await deleter.RunOnceAsync(default);
        deleter.Dropped.ShouldBe(0);
        world.Time.Advance(TimeSpan.FromSeconds(7));
        await deleter.RunOnceAsync(default);

        deleter.Count.ShouldBe(0);
        deleter.Dropped.ShouldBe(queued);
    }

    [Fact]
    public async Task A_full_queue_of_background_deletes_drops_and_counts()
    {
        var world = new RouterWorld(configure: o => o.BackgroundDeleteCapacity = 1);
        world.Peers.FaultBefore = _ => PeerError.Unreachable;

        await world.Router.PutAsync(RouterWorld.Plain, new MemoryStream([1]), default);

        world.Router.BackgroundDeleter.Count.ShouldBe(1);
        world.Router.BackgroundDeleter.Dropped.ShouldBe(1);
    }
}
