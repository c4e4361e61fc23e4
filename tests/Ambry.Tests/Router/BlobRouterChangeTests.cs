using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>TTL updates and undeletes.</summary>
public class BlobRouterChangeTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    private static readonly PutBlobOptions Short =
        new(7, 8, new byte[] { 1 }, ExpiresAt: new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(10)]
    [InlineData(20 * Chunk)]
    public async Task A_blob_made_permanent_is_so_with_all_its_chunks_and_may_be_made_so_again(int size)
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(size), Short);

        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.None);

        world.Peers.LiveBlobs.ShouldAllBe(b => world.Peers.Find(b)!.Properties.ExpiresAt == null);
        (await world.Router.GetPropertiesAsync(id, default)).Properties!.ExpiresAt.ShouldBeNull();
        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.None);
        world.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(PeerOperation.UpdateTtl)]
    [InlineData(PeerOperation.Undelete)]
    public async Task Chunks_change_first_and_the_metadata_blob_last(PeerOperation operation)
    {
        var world = new RouterWorld();
        BlobId id = await PutAsync(world, operation, RouterWorld.Bytes(10 * Chunk));
        world.Peers.ClearCalls();

        (await ChangeAsync(world, operation, id)).ShouldBe(RouterError.None);

        BlobId[] changed = world.Peers.Calls.Where(c => c.Operation == operation).Select(c => c.Id).ToArray();
        changed.Length.ShouldBe(33);
        changed[^3..].ShouldAllBe(c => c == id);
        changed[..^3].ShouldNotContain(id);
    }

    [Theory]
    [InlineData(PeerOperation.UpdateTtl)]
    [InlineData(PeerOperation.Undelete)]
    public async Task A_change_that_stopped_anywhere_is_finished_by_repeating_it(PeerOperation operation)
    {
        for (int stopAfter = 0; stopAfter < 45; stopAfter += 1 + (stopAfter / 12))
        {
            var world = new RouterWorld();
            byte[] content = RouterWorld.Bytes(3 * Chunk);
            BlobId part = (await world.Router.PutAsync(Short, new MemoryStream(content), default)).Id;
            BlobId id = (await world.Router.StitchAsync(
                Short, [new BlobPart(part, content.Length), new BlobPart(part, content.Length)], default)).Id;
            if (operation == PeerOperation.Undelete)
            {
                await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
            }

            int calls = 0;
            world.Peers.FaultBefore = _ => calls++ < stopAfter ? PeerError.None : PeerError.Busy;
            RouterError first = await ChangeAsync(world, operation, id);
            world.Peers.FaultBefore = null;
            RouterError second = await ChangeAsync(world, operation, id);

            first.ShouldBeOneOf(RouterError.Busy, RouterError.None);
            second.ShouldBeOneOf(
                RouterError.None, first == RouterError.None ? RouterError.NotDeleted : RouterError.None);
            (await world.ReadAsync(id)).ShouldBe([.. content, .. content], $"stopped after {stopAfter} calls");
            if (operation == PeerOperation.UpdateTtl)
            {
                world.Peers.LiveBlobs.ShouldAllBe(b => world.Peers.Find(b)!.Properties.ExpiresAt == null);
            }
        }
    }

    [Fact]
    public async Task A_ttl_that_may_not_change_is_not_allowed()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5), Short);

        (await world.Router.UpdateTtlAsync(id, Short.ExpiresAt!.Value.AddYears(-1), default))
            .ShouldBe(RouterError.NotAllowed);
    }

    [Fact]
    public async Task The_ttl_of_a_deleted_or_unknown_blob_is_not_found()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5), Short);
        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);

        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.NotFound);
        foreach (BlobKind kind in Enum.GetValues<BlobKind>())
        {
            var unknown = new BlobId(new DataCenterId(1), 1, 1, new PartitionId(2), kind, Guid.Empty);
            (await world.Router.UpdateTtlAsync(unknown, null, default)).ShouldBe(RouterError.NotFound);
            (await world.Router.UndeleteAsync(unknown, default)).ShouldBe(RouterError.NotFound);
        }
    }

    [Fact]
    public async Task A_ttl_update_with_one_node_down_reaches_its_quorum_and_with_two_does_not()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5), Short);
        world.Peers.FaultBefore = c => c.Node == world.Nodes[1] ? PeerError.Unreachable : PeerError.None;
        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.None);
        world.Peers.FaultBefore = c => c.Node != world.Nodes[1] ? PeerError.Unreachable : PeerError.None;
        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.Unavailable);
    }

    [Fact]
    public async Task A_ttl_update_of_a_blob_on_one_replica_needs_the_word_of_all_others()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5), Short);
        world.Peers.Forget(world.Nodes[0], id);
        world.Peers.Forget(world.Nodes[1], id);
        world.Peers.FaultBefore = c => c.Node == world.Nodes[0] ? PeerError.NotLevel : PeerError.None;
        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.Unavailable);
        world.Peers.FaultBefore = null;
        (await world.Router.UpdateTtlAsync(id, null, default)).ShouldBe(RouterError.None);
    }

    [Fact]
    public async Task A_deleted_blob_comes_back_whole_and_one_that_is_not_deleted_says_so()
    {
        var world = new RouterWorld();
        byte[] content = RouterWorld.Bytes(7 * Chunk);
        BlobId id = await world.PutAsync(content);
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.NotDeleted);
        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);

        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.None);

        await world.ShouldReadAsync(id, content);
    }

    [Fact]
    public async Task An_undelete_needs_a_majority_in_every_data_centre_and_is_not_begun_without()
    {
        var world = new RouterWorld(nodes: 6, replicas: 3, dataCenters: 2);
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5));
        Partition partition = world.View.FindPartition(id.Partition)!;
        await CopyAsync(world, id, partition.Replicas);
        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
        DataNodeId[] remote = partition.Replicas.Where(r => r.DataCenter.Value == 2).Select(r => r.Node).ToArray();

        // One away each time is no majority missing; two are, once it is known that they are down.
        world.Peers.FaultBefore = c => remote[..2].Contains(c.Node) ? PeerError.Unreachable : PeerError.None;
        for (int i = 0; i < 3; i++)
        {
            (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.Unavailable);
        }

        world.Peers.ClearCalls();
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.Unavailable);
        world.Peers.Calls.ShouldBeEmpty();

        world.Time.Advance(TimeSpan.FromSeconds(2));
        world.Peers.FaultBefore = null;
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.None);
        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
        world.Peers.FaultBefore = c => c.Node == remote[0] ? PeerError.Unreachable : PeerError.None;
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.None);
    }

    [Fact]
    public async Task A_delete_that_may_have_missed_the_undelete_before_it_is_not_acknowledged()
    {
        var world = new RouterWorld(nodes: 6, replicas: 3, dataCenters: 2);
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5));
        Partition partition = world.View.FindPartition(id.Partition)!;
        await CopyAsync(world, id, partition.Replicas);
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);

        // One of each data centre knows of the deletion alone.
        ILookup<int, DataNodeId> nodes = partition.Replicas.ToLookup(r => (int)r.DataCenter.Value, r => r.Node);
        DataNodeId[] behind = [nodes[1].First(), nodes[2].First()];
        world.Peers.FaultBefore = c => behind.Contains(c.Node) ? PeerError.Unreachable : PeerError.None;
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.None);

        world.Peers.FaultBefore = c => behind.Contains(c.Node) ? PeerError.None : PeerError.Unreachable;
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.Unavailable);
        world.Peers.FaultBefore = c => nodes[2].Take(2).Contains(c.Node) ? PeerError.None : PeerError.Unreachable;
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
    }

    /// <summary>Found by the cluster simulation, seed 363 of its first version.</summary>
    [Fact]
    public async Task A_replica_that_missed_the_deletion_is_no_witness_of_its_end()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5));
        world.Peers.FaultBefore = c => c.Node == world.Nodes[2] ? PeerError.Unreachable : PeerError.None;
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);

        // The one that has the undelete may be lost, and the one that is away knows of the deletion alone.
        world.Peers.FaultBefore = c => c.Node == world.Nodes[0] ? PeerError.Unreachable : PeerError.None;
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.Unavailable);

        world.Peers.FaultBefore = null;
        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.None);
    }

    [Fact]
    public async Task An_undelete_that_only_some_know_of_is_to_be_tried_again()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(5));
        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
        world.Peers.Forget(world.Nodes[0], id);
        world.Peers.Forget(world.Nodes[1], id);

        (await world.Router.UndeleteAsync(id, default)).ShouldBe(RouterError.Unavailable);
    }

    private static async Task CopyAsync(RouterWorld world, BlobId id, IEnumerable<Replica> replicas)
    {
        foreach (Replica replica in replicas)
        {
            await world.Peers.PutAsync(replica.Node, world.Peers.Find(id)!, default);
        }
    }

    private static async Task<BlobId> PutAsync(RouterWorld world, PeerOperation operation, byte[] content)
    {
        BlobId id = await world.PutAsync(content, Short);
        if (operation == PeerOperation.Undelete)
        {
            await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
        }

        return id;
    }

    private static async Task<RouterError> ChangeAsync(RouterWorld world, PeerOperation operation, BlobId id) =>
        operation == PeerOperation.Undelete
            ? await world.Router.UndeleteAsync(id, default)
            : await world.Router.UpdateTtlAsync(id, null, default);
}
