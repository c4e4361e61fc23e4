using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Server;
using Ambry.Store;
using Ambry.Testing;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

public class StorageNodeTests
{
    private static readonly DataNodeId Node = new("localhost", 6667);
    private static readonly DataCenterId Local = new(1);
    private readonly FakeTimeProvider _time = new();
    private readonly SimDisk _disk = new();

    [Fact]
    public async Task What_was_put_is_read_and_deleted_and_stays_so_over_a_restart()
    {
        ClusterView view = Embedded(partitions: 2);
        byte[] content = RandomBytes(5000);
        BlobId kept = NewId(1);
        BlobId deleted = NewId(0);
        await using (StorageNode node = await OpenAsync(view))
        {
            (await node.PutAsync(Put(kept, content), default)).ShouldBe(PeerError.None);
            (await node.PutAsync(Put(deleted, content), default)).ShouldBe(PeerError.None);
            (await DeleteAsync(node, deleted)).ShouldBe(PeerError.None);
            await ShouldHoldAsync(node, kept, content);
            node.Admission.Requests.ShouldBe(0);
            node.Admission.Bytes.ShouldBe(0);
        }

        await using StorageNode again = await OpenAsync(view);
        await ShouldHoldAsync(again, kept, content);
        (await again.GetAsync(new GetBlobRequest(deleted), default)).Error.ShouldBe(PeerError.Deleted);
    }

    [Fact]
    public async Task In_interval_mode_a_power_cut_takes_only_the_last_second()
    {
        ClusterView view = Embedded(partitions: 1);
        var options = new StorageNodeOptions { DurabilityMode = DurabilityMode.Interval };
        byte[] content = RandomBytes(5000);
        await using StorageNode node = await OpenAsync(view, options);
        (await node.PutAsync(Put(NewId(0), content), default)).ShouldBe(PeerError.None);
        int before = _disk.Syncs;
        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _disk.SyncBegun = _ => synced.TrySetResult();
        _time.Advance(TimeSpan.FromSeconds(1));
        await synced.Task.WaitAsync(TimeSpan.FromSeconds(30));
        _disk.Syncs.ShouldBe(before + 1);
    }

    [Fact]
    public async Task A_blob_of_a_partition_that_is_not_here_is_told_so()
    {
        await using StorageNode node = await OpenAsync(Embedded(partitions: 1));

        (await node.PutAsync(Put(NewId(5), [1]), default)).ShouldBe(PeerError.PartitionUnknown);
        (await node.GetAsync(new GetBlobRequest(NewId(5)), default)).Error.ShouldBe(PeerError.PartitionUnknown);
        (await DeleteAsync(node, NewId(5))).ShouldBe(PeerError.PartitionUnknown);
    }

    [Fact]
    public async Task A_disk_that_does_not_open_takes_its_replicas_down_and_no_others()
    {
        ClusterView view = TwoDisks();
        await using StorageNode node = await StorageNode.OpenAsync(
            Setup(view), path => path == "/d0" ? throw new IOException("gone") : _disk, default);

        (await node.PutAsync(Put(NewId(0), [1]), default)).ShouldBe(PeerError.DiskUnavailable);
        (await node.PutAsync(Put(NewId(1), [1]), default)).ShouldBe(PeerError.None);
        node.Replicas.Count(r => r.IsServing).ShouldBe(1);
    }

    [Fact]
    public async Task A_replica_that_does_not_open_does_not_stop_the_node()
    {
        ClusterView view = Embedded(partitions: 3);
        using IDisposable? held = HoldLock("partitions/1/store.lock");
        await using StorageNode node = await OpenAsync(view);

        (await node.PutAsync(Put(NewId(1), [1]), default)).ShouldBe(PeerError.ReplicaUnavailable);
        (await node.PutAsync(Put(NewId(2), [1]), default)).ShouldBe(PeerError.None);
        node.Replicas.Single(r => !r.IsServing).Reason.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(ReplicaState.Bootstrap, PeerError.None, PeerError.NotFound, PeerError.NotFound)]
    [InlineData(
        ReplicaState.Inactive, PeerError.TemporarilyDisabled, PeerError.NotLevel, PeerError.TemporarilyDisabled)]
    [InlineData(ReplicaState.Offline, PeerError.ReplicaUnavailable, PeerError.NotLevel, PeerError.ReplicaUnavailable)]
    [InlineData(
        ReplicaState.Error, PeerError.ReplicaUnavailable, PeerError.ReplicaUnavailable, PeerError.ReplicaUnavailable)]
    public async Task A_replica_serves_what_its_state_allows(
        ReplicaState wish, PeerError put, PeerError get, PeerError delete)
    {
        await using StorageNode node = await OpenAsync(Embedded(1, PartitionState.ReadWrite, wish));

        (await node.GetAsync(new GetBlobRequest(NewId(0)), default)).Error.ShouldBe(get);
        (await DeleteAsync(node, NewId(0))).ShouldBe(delete);
        (await node.PutAsync(Put(NewId(0), [1]), default)).ShouldBe(put);
    }

    [Fact]
    public async Task A_read_only_partition_still_reads_and_deletes()
    {
        await using StorageNode node = await OpenAsync(Embedded(1, PartitionState.ReadOnly));
        PeerError put = PeerError.PartitionReadOnly;
        PeerError get = PeerError.NotFound;
        PeerError delete = PeerError.NotFound;

        (await node.PutAsync(Put(NewId(0), [1]), default)).ShouldBe(put);
        (await node.GetAsync(new GetBlobRequest(NewId(0)), default)).Error.ShouldBe(get);
        (await DeleteAsync(node, NewId(0))).ShouldBe(delete);
    }

    [Fact]
    public async Task A_node_with_more_work_than_it_admits_is_busy_until_memory_is_given_back()
    {
        await using StorageNode node = await OpenAsync(Embedded(1), new StorageNodeOptions { RequestsInFlightMax = 1 });
        await node.PutAsync(Put(NewId(0), RandomBytes(10)), default);
        GetBlobResponse held = await node.GetAsync(new GetBlobRequest(NewId(0)), default);

        (await node.GetAsync(new GetBlobRequest(NewId(0)), default)).Error.ShouldBe(PeerError.Busy);
        (await node.PutAsync(Put(NewId(0), [1]), default)).ShouldBe(PeerError.Busy);
        held.Dispose();

        using GetBlobResponse after = await node.GetAsync(new GetBlobRequest(NewId(0)), default);
        after.Error.ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_closed_node_serves_nothing()
    {
        StorageNode node = await OpenAsync(Embedded(1));
        await node.DisposeAsync();
        await node.DisposeAsync();

        (await node.PutAsync(Put(NewId(0), [1]), default)).ShouldBe(PeerError.ReplicaUnavailable);
    }

    [Fact]
    public async Task Ttl_updates_and_undeletes_reach_the_replica_through_the_peer()
    {
        await using StorageNode node = await OpenAsync(Embedded(1));
        var peers = new InProcessPeerClient([node]);
        DateTimeOffset now = _time.GetUtcNow();
        PutBlobRequest put = Put(NewId(0), [1, 2, 3]);
        put = put with { Properties = put.Properties with { ExpiresAt = now.AddDays(3) } };
        (await peers.PutAsync(Node, put, default)).ShouldBe(PeerError.None);

        var update = new UpdateTtlRequest(NewId(0), now.AddDays(9), now);
        (await peers.UpdateTtlAsync(Node, update, default)).ShouldBe(PeerError.None);
        (await peers.UpdateTtlAsync(Node, update, default)).ShouldBe(PeerError.AlreadyUpdated);
        (await peers.UpdateTtlAsync(Node, update with { ExpiresAt = now.AddDays(8) }, default))
            .ShouldBe(PeerError.TtlUpdateRefused);
        var undelete = new UndeleteBlobRequest(NewId(0), now);
        (await peers.UndeleteAsync(Node, undelete, default)).ShouldBe(PeerError.NotDeleted);
        (await DeleteAsync(node, NewId(0))).ShouldBe(PeerError.None);
        (await peers.UndeleteAsync(Node, undelete, default)).ShouldBe(PeerError.None);

        using GetBlobResponse got = await peers.GetAsync(Node, new GetBlobRequest(NewId(0)), default);
        got.Properties!.ExpiresAt.ShouldBe(now.AddDays(9));
        got.Content.ToArray().ShouldBe([1, 2, 3]);
        _time.Advance(TimeSpan.FromDays(8));
        (await DeleteAsync(node, NewId(0), now)).ShouldBe(PeerError.None);
        (await peers.UndeleteAsync(Node, undelete, default)).ShouldBe(PeerError.UndeleteRefused);
        node.Admission.Requests.ShouldBe(1, "the answer still holds its memory");
    }

    [Fact]
    public async Task An_unknown_node_or_partition_takes_no_ttl_update_and_no_undelete()
    {
        await using StorageNode node = await OpenAsync(Embedded(1));
        var peers = new InProcessPeerClient([node]);
        var other = new DataNodeId("elsewhere", 1);
        var update = new UpdateTtlRequest(NewId(5), null, _time.GetUtcNow());
        var undelete = new UndeleteBlobRequest(NewId(5), _time.GetUtcNow());
        (await peers.UpdateTtlAsync(Node, update, default)).ShouldBe(PeerError.PartitionUnknown);
        (await peers.UndeleteAsync(Node, undelete, default)).ShouldBe(PeerError.PartitionUnknown);
        (await peers.UpdateTtlAsync(other, update, default)).ShouldBe(PeerError.Unreachable);
        (await peers.UndeleteAsync(other, undelete, default)).ShouldBe(PeerError.Unreachable);
    }

    [Fact]
    public async Task Indexes_are_written_only_where_something_changed()
    {
        await using StorageNode node = await OpenAsync(Embedded(3));
        await node.PutAsync(Put(NewId(2), [1]), default);

        (await node.IndexFlush.RunOnceAsync(default)).ShouldBe(1);
        (await node.IndexFlush.RunOnceAsync(default)).ShouldBe(0);
    }

    [Fact]
    public void Every_store_error_has_a_peer_error_and_only_none_is_none()
    {
        foreach (StoreError error in Enum.GetValues<StoreError>())
        {
            (PeerErrorMap.Of(error) == PeerError.None).ShouldBe(error == StoreError.None, $"{error}");
        }

        Should.Throw<System.Diagnostics.UnreachableException>(() => PeerErrorMap.Of((StoreError)200));
    }

    [Fact]
    public async Task A_router_over_a_node_in_the_same_process_keeps_blobs_over_a_restart()
    {
        ClusterView view = Embedded(partitions: 4);
        byte[] content = RandomBytes(300_000);
        BlobId id;
        await using (StorageNode node = await OpenAsync(view))
        {
            PutBlobResult put = await Router(view, node).PutAsync(
                new PutBlobOptions(1, 1, default, content.Length), new MemoryStream(content), default);
            put.Error.ShouldBe(RouterError.None);
            id = put.Id;
        }

        await using StorageNode again = await OpenAsync(view);
        BlobRouter router = Router(view, again);
        OpenBlobResult opened = await router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);
        opened.Error.ShouldBe(RouterError.None);
        var read = new MemoryStream();
        await using (IBlobReader reader = opened.Reader!)
        {
            while (await reader.ReadAsync(default) is { Length: > 0 } block)
            {
                await read.WriteAsync(block);
            }
        }

        read.ToArray().ShouldBe(content);
        (await router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
        (await router.OpenReadAsync(id, 0, 1, ReadScope.Live, default)).Error.ShouldBe(RouterError.NotFound);
        (await router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);
        router.BytesInUse.ShouldBe(0);
        again.Admission.Requests.ShouldBe(0);
    }

    private static byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(11).NextBytes(bytes);
        return bytes;
    }

    private static BlobId NewId(uint partition) =>
        new(Local, 1, 1, new PartitionId(partition), BlobKind.Simple, new Guid(1, 2, 3, new byte[8]));

    private static ClusterView Embedded(
        int partitions, PartitionState state = PartitionState.ReadWrite, ReplicaState replica = ReplicaState.Leader)
    {
        ClusterLayout layout = EmbeddedLayout.Create(Local, Node, "/d0", partitions, partitions * (32L << 20));
        PartitionEntry[] entries = layout.PartitionLayout.Partitions
            .Select(p => p with { PartitionState = state, Replicas = [p.Replicas[0] with { ReplicaState = replica }] })
            .ToArray();
        return new ClusterView(
            layout with { PartitionLayout = layout.PartitionLayout with { Partitions = entries } }, Local);
    }

    private static ClusterView TwoDisks()
    {
        DiskLayout[] disks =
            [new("/d0", 1L << 30, HardwareState.Available), new("/d1", 1L << 30, HardwareState.Available)];
        var machine = new DataNodeLayout(Node.Host, Node.Port, "", HardwareState.Available, disks);
        PartitionEntry[] entries = disks.Select((d, i) => new PartitionEntry(
            (uint)i, "default", PartitionState.ReadWrite, 32L << 20,
            [new ReplicaEntry(Node.Host, Node.Port, d.MountPath)])).ToArray();
        return new ClusterView(
            new ClusterLayout(
                new HardwareLayout("c", 1, [new DatacenterLayout("d", Local.Value, [machine])]),
                new PartitionLayout("c", 1, entries)),
            Local);
    }

    private PutBlobRequest Put(BlobId id, byte[] content) =>
        new(id, new BlobProperties(content.Length, _time.GetUtcNow()), default, content);

    private ValueTask<PeerError> DeleteAsync(StorageNode node, BlobId id, DateTimeOffset? at = null) =>
        node.DeleteAsync(new DeleteBlobRequest(id, at ?? _time.GetUtcNow()), default);

    private static async Task ShouldHoldAsync(StorageNode node, BlobId id, byte[] content)
    {
        using GetBlobResponse response = await node.GetAsync(new GetBlobRequest(id), default);
        response.Error.ShouldBe(PeerError.None);
        response.Content.ToArray().ShouldBe(content);
    }

    private IDisposable? HoldLock(string path)
    {
        _disk.CreateDirectory(path[..path.LastIndexOf('/')]);
        return _disk.TryLock(path);
    }

    private BlobRouter Router(ClusterView view, StorageNode node) => new(
        view,
        new InProcessPeerClient([node]),
        new RouterOptions { ChunkSizeBytes = 64 * 1024 },
        new SequentialIds(seed: 5),
        _time,
        NullLogger<BlobRouter>.Instance);

    private StorageNodeSetup Setup(ClusterView view, StorageNodeOptions? options = null) => new(
        view, Node, options ?? new StorageNodeOptions(), new SequentialIds(seed: 3), _time, NullLogger.Instance);

    private ValueTask<StorageNode> OpenAsync(ClusterView view, StorageNodeOptions? options = null) =>
        StorageNode.OpenAsync(Setup(view, options), _ => (IDisk)_disk, default);
}
