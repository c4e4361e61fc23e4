using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>When a blob is called missing, how long that is remembered, and where else it is looked for.</summary>
public class NotFoundEvidenceTests
{
    private static readonly BlobId Unknown =
        new(new DataCenterId(1), 1, 1, new PartitionId(2), BlobKind.Simple, Guid.Empty);

    [Theory]
    [InlineData(PeerError.NotLevel)]
    [InlineData(PeerError.TemporarilyDisabled)]
    [InlineData(PeerError.Unreachable)]
    [InlineData(PeerError.ReplicaUnavailable)]
    public async Task Two_replicas_that_testify_nothing_leave_it_open(PeerError answer)
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = c => c.Node != world.Nodes[0] ? answer : PeerError.None;

        (await OpenAsync(world, Unknown)).ShouldBe(RouterError.Unavailable);
        (await world.Router.GetPropertiesAsync(Unknown, default)).Error.ShouldBe(RouterError.Unavailable);

        world.Peers.FaultBefore = c => c.Node == world.Nodes[1] ? answer : PeerError.None;
        (await OpenAsync(world, Unknown)).ShouldBe(RouterError.NotFound);
    }

    [Fact]
    public void Two_absences_are_enough_while_the_third_replica_hangs()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            world.Peers.Delay = world.Hang(world.Nodes[2]);
            for (int i = 0; i < 10; i++)
            {
                var id = new BlobId(
                    new DataCenterId(1), 1, 1, new PartitionId(2), BlobKind.Simple, new Guid(i, 0, 0, new byte[8]));
                TimeSpan took = await world.TimeAsync(async () =>
                    (await OpenAsync(world, id)).ShouldBe(RouterError.NotFound));
                took.ShouldBeLessThan(TimeSpan.FromMilliseconds(100));
            }
        });
    }

    [Fact]
    public async Task A_missing_blob_is_remembered_for_15_seconds()
    {
        var world = new RouterWorld();
        (await OpenAsync(world, Unknown)).ShouldBe(RouterError.NotFound);
        world.Peers.ClearCalls();

        world.Time.Advance(TimeSpan.FromSeconds(14.9));
        (await OpenAsync(world, Unknown)).ShouldBe(RouterError.NotFound);
        (await world.Router.GetPropertiesAsync(Unknown, default)).Error.ShouldBe(RouterError.NotFound);
        world.Peers.Calls.ShouldBeEmpty();

        world.Time.Advance(TimeSpan.FromSeconds(0.1));
        (await OpenAsync(world, Unknown)).ShouldBe(RouterError.NotFound);
        world.Peers.Calls.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_deleted_blob_is_not_remembered_as_missing()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync([1, 2, 3]);
        await world.Router.DeleteAsync(id, DeleteScope.Whole, default);
        (await OpenAsync(world, id)).ShouldBe(RouterError.NotFound);

        await world.Router.UndeleteAsync(id, default);

        await world.ShouldReadAsync(id, [1, 2, 3]);
    }

    [Fact]
    public void What_was_put_or_undeleted_is_not_missing_and_the_oldest_make_room()
    {
        var time = new FakeTimeProvider();
        var cache = new NotFoundCache(new RouterOptions { NotFoundCacheCapacity = 3 }, time);
        cache.Add(Unknown);
        cache.OnPut(Unknown);
        cache.Contains(Unknown).ShouldBeFalse();
        cache.Add(Unknown);
        cache.Contains(Unknown).ShouldBeFalse("a read that began before the put ended after it");

        BlobId[] ids = Enumerable.Range(0, 5).Select(i => new BlobId(
            new DataCenterId(1), 1, 1, new PartitionId(2), BlobKind.Simple, new Guid(i, 1, 1, new byte[8]))).ToArray();
        foreach (BlobId id in ids)
        {
            cache.Add(id);
        }

        ids.Count(cache.Contains).ShouldBe(3);
        cache.OnUndeleted(ids[4]);
        cache.Contains(ids[4]).ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(15));
        ids.Count(cache.Contains).ShouldBe(0);
    }

    [Fact]
    public async Task A_blob_of_another_data_centre_that_is_not_here_yet_comes_from_there()
    {
        var world = new RouterWorld(nodes: 6, replicas: 3, dataCenters: 2);
        BlobId local = await world.PutAsync([1, 2, 3]);
        var id = new BlobId(new DataCenterId(2), 1, 1, local.Partition, BlobKind.Simple, Guid.Empty);
        PutBlobRequest request = world.Peers.Find(local)! with { Id = id };
        Partition partition = world.View.FindPartition(id.Partition)!;
        foreach (Replica replica in partition.Replicas.Where(r => r.DataCenter.Value == 2))
        {
            await world.Peers.PutAsync(replica.Node, request, default);
        }

        world.Peers.ClearCalls();
        await world.ShouldReadAsync(id, [1, 2, 3]);

        world.Peers.Calls.Count.ShouldBe(4, "the three here first");
        world.Peers.FaultBefore = c => partition.LocalReplicas.All(r => r.Node != c.Node)
            ? PeerError.Unreachable : PeerError.None;
        (await OpenAsync(world, id)).ShouldBe(RouterError.Unavailable, "those here cannot testify");
    }

    [Fact]
    public async Task A_delete_that_one_replica_has_taken_alone_is_repeated_when_replication_had_time()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync([1, 2, 3]);
        PutBlobRequest request = world.Peers.Find(id)!;
        world.Peers.Forget(world.Nodes[0], id);
        world.Peers.Forget(world.Nodes[1], id);
        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
        world.Router.BackgroundDeleter.Count.ShouldBe(1);

        // A copy that was on its way meanwhile.
        await world.Peers.PutAsync(world.Nodes[0], request, default);
        (await world.Router.BackgroundDeleter.RunOnceAsync(default)).ShouldBe(0);
        world.Time.Advance(TimeSpan.FromSeconds(3));
        (await world.Router.BackgroundDeleter.RunOnceAsync(default)).ShouldBe(1);

        world.Peers.LiveBlobs.ShouldBeEmpty();
        world.Router.BackgroundDeleter.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_delete_is_open_while_a_replica_that_lacks_the_blob_is_not_level()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync([1, 2, 3]);
        world.Peers.Forget(world.Nodes[0], id);
        world.Peers.Forget(world.Nodes[1], id);
        world.Peers.FaultBefore = c => c.Node == world.Nodes[0] ? PeerError.NotLevel : PeerError.None;

        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.Unavailable);
    }

    private static async Task<RouterError> OpenAsync(RouterWorld world, BlobId id)
    {
        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, 10, ReadScope.Live, default);
        if (opened.Reader is not null)
        {
            await opened.Reader.DisposeAsync();
        }

        return opened.Error;
    }
}
