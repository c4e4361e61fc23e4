using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class BlobRouterPutTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(Chunk - 1, 0)]
    [InlineData(Chunk, 0)]
    [InlineData(Chunk + 1, 2)]
    [InlineData(2 * Chunk, 2)]
    [InlineData((5 * Chunk) + 17, 6)]
    [InlineData(16 * Chunk, 16)]
    [InlineData(100 * Chunk, 100)]
    public async Task A_content_of_any_size_comes_back_in_as_many_chunks_as_it_needs(int size, int chunks)
    {
        foreach (long? hint in new long?[] { null, size, 0, size + 5, 1, 3 * Chunk })
        {
            var world = new RouterWorld();
            byte[] content = RouterWorld.Bytes(size);

            BlobId id = await world.PutAsync(content, RouterWorld.Plain with { SizeHint = hint });

            id.Kind.ShouldBe(chunks == 0 ? BlobKind.Simple : BlobKind.Composite);
            world.Peers.LiveBlobs.Count(b => b.Kind == BlobKind.Chunk).ShouldBe(chunks);
            await world.ShouldReadAsync(id, content);
            world.ShouldHoldNothing();
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_real_chunk_size_is_kept_to_the_byte(int beyond)
    {
        var world = new RouterWorld(configure: o => o.ChunkSizeBytes = BlobLimits.MaxContentBytes);
        byte[] content = RouterWorld.Bytes(BlobLimits.MaxContentBytes + beyond);

        BlobId id = await world.PutAsync(content);

        id.Kind.ShouldBe(beyond > 0 ? BlobKind.Composite : BlobKind.Simple);
        await world.ShouldReadAsync(id, content);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_stream_that_gives_a_byte_at_a_time_is_cut_the_same()
    {
        var world = new RouterWorld();
        byte[] content = RouterWorld.Bytes((2 * Chunk) + 3);

        PutBlobResult result = await world.Router.PutAsync(RouterWorld.Plain, new ScriptedStream(content, stepBytes: 1), default);

        world.Peers.LiveBlobs.Count(b => b.Kind == BlobKind.Chunk).ShouldBe(3);
        await world.ShouldReadAsync(result.Id, content);
    }

    [Fact]
    public async Task A_small_content_takes_a_small_buffer()
    {
        var world = new RouterWorld(configure: o => o.ChunkSizeBytes = BlobLimits.MaxContentBytes);

        await world.PutAsync(RouterWorld.Bytes(500), RouterWorld.Plain with { SizeHint = 500 });

        world.Pool.LargestBytes.ShouldBe(4096);
    }

    [Fact]
    public async Task Every_replica_gets_every_blob()
    {
        var world = new RouterWorld();

        await world.PutAsync(RouterWorld.Bytes(3 * Chunk));

        world.Peers.LiveBlobs.ShouldAllBe(id => world.Peers.CountCopies(id) == 3);
    }

    [Fact]
    public async Task The_metadata_blob_is_written_after_every_chunk_and_carries_the_user_metadata()
    {
        var world = new RouterWorld();

        BlobId id = await world.PutAsync(RouterWorld.Bytes(7 * Chunk));

        IEnumerable<BlobId> puts = world.Peers.Calls.Where(c => c.Operation == PeerOperation.Put).Select(c => c.Id);
        puts.TakeLast(3).ShouldAllBe(last => last == id);
        puts.SkipLast(3).ShouldAllBe(other => other.Kind == BlobKind.Chunk);
        world.Peers.Find(id)!.UserMetadata.ToArray().ShouldBe([1, 2, 3]);
        world.Peers.Find(puts.First())!.UserMetadata.Length.ShouldBe(0);
    }

    [Fact]
    public async Task One_node_down_does_not_stop_a_put()
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = c => c.Node == world.Nodes[0] ? PeerError.Unreachable : PeerError.None;
        byte[] content = RouterWorld.Bytes(9 * Chunk);

        BlobId id = await world.PutAsync(content);

        await world.ShouldReadAsync(id, content);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task Two_nodes_down_fail_a_put_and_leave_nothing_behind()
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = c => c.Node != world.Nodes[0] ? PeerError.Unreachable : PeerError.None;

        PutBlobResult result = await world.Router.PutAsync(
            RouterWorld.Plain, new MemoryStream(RouterWorld.Bytes(9 * Chunk)), default);

        result.Error.ShouldBe(RouterError.Unavailable);
        world.ShouldHoldNothing();
        world.Peers.LiveBlobs.ShouldNotBeEmpty();
        world.Peers.FaultBefore = null;
        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_chunk_that_misses_its_quorum_slips_once_to_another_partition_under_another_id()
    {
        var world = new RouterWorld(nodes: 6, replicas: 3, partitions: 6);
        PartitionId? first = null;
        world.Peers.FaultBefore = c =>
        {
            first ??= c.Id.Partition;
            return c.Id.Partition == first && c.Operation == PeerOperation.Put && c.Node != world.Nodes[(int)first.Value.Value]
                ? PeerError.DiskUnavailable
                : PeerError.None;
        };
        byte[] content = RouterWorld.Bytes(100);

        BlobId id = await world.PutAsync(content);

        id.Partition.ShouldNotBe(first!.Value);
        world.Peers.LiveBlobs.Count.ShouldBe(2);
        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBe([id]);
        await world.ShouldReadAsync(id, content);
    }

    [Fact]
    public async Task A_put_whose_answers_are_lost_fails_and_is_taken_back()
    {
        var world = new RouterWorld();
        world.Peers.FaultAfter = c => c.Operation == PeerOperation.Put ? PeerError.Unreachable : PeerError.None;

        PutBlobResult result = await world.Router.PutAsync(
            RouterWorld.Plain, new MemoryStream(RouterWorld.Bytes(100)), default);

        result.Error.ShouldBe(RouterError.Unavailable);
        world.Peers.LiveBlobs.Count.ShouldBe(2);
        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task Sealed_partitions_are_left_out_for_a_while()
    {
        var world = new RouterWorld(partitions: 6);
        world.Peers.FaultBefore = c => c.Id.Partition.Value != 3 ? PeerError.PartitionReadOnly : PeerError.None;

        (await world.PutAsync([1])).Partition.Value.ShouldBe(3u);
        world.Peers.ClearCalls();
        for (int i = 0; i < 10; i++)
        {
            await world.PutAsync([2]);
        }

        world.Router.BackgroundDeleter.Count.ShouldBe(0);
        world.Peers.Calls.Count(c => c.Id.Partition.Value != 3).ShouldBeLessThanOrEqualTo(15);
    }

    [Fact]
    public async Task Nothing_but_sealed_partitions_is_no_capacity()
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = _ => PeerError.PartitionReadOnly;

        PutBlobResult result = await world.Router.PutAsync(RouterWorld.Plain, new MemoryStream([1]), default);

        result.Error.ShouldBe(RouterError.InsufficientCapacity);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData((6 * Chunk) + 9)]
    public async Task A_stream_that_throws_leaves_nothing_behind(int failAt)
    {
        var world = new RouterWorld();
        var content = new ScriptedStream(RouterWorld.Bytes(failAt), stepBytes: 1000)
        {
            AtEnd = () => throw new InvalidDataException("The digest does not match."),
        };

        await Should.ThrowAsync<InvalidDataException>(
            async () => await world.Router.PutAsync(RouterWorld.Plain, content, default));

        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBeEmpty();
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_put_that_is_cancelled_leaves_nothing_behind()
    {
        var world = new RouterWorld();
        using var source = new CancellationTokenSource();
        var content = new ScriptedStream(RouterWorld.Bytes(6 * Chunk), stepBytes: Chunk)
        {
            AtEnd = source.Cancel,
        };

        await Should.ThrowAsync<OperationCanceledException>(
            async () => await world.Router.PutAsync(RouterWorld.Plain, content, source.Token));

        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBeEmpty();
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_peer_client_that_throws_is_a_failed_replica()
    {
        var world = new RouterWorld();
        world.Peers.Gate = c => c.Node == world.Nodes[1] ? throw new InvalidOperationException("boom") : Task.CompletedTask;
        byte[] content = RouterWorld.Bytes(2 * Chunk);

        BlobId id = await world.PutAsync(content);

        await world.ShouldReadAsync(id, content);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task Reading_goes_on_while_chunks_are_written_but_no_further_than_the_window()
    {
        var world = new RouterWorld();
        var gate = new TaskCompletionSource();
        world.Peers.Gate = c => c.Operation == PeerOperation.Put ? gate.Task : Task.CompletedTask;
        byte[] bytes = RouterWorld.Bytes(20 * Chunk);
        var content = new ScriptedStream(bytes, stepBytes: Chunk);

        Task<PutBlobResult> put = world.Router.PutAsync(RouterWorld.Plain, content, default).AsTask();

        put.IsCompleted.ShouldBeFalse();
        content.Position.ShouldBeInRange(3 * Chunk, (4 * Chunk) + 1);
        world.Router.BytesInUse.ShouldBeLessThanOrEqualTo(4 * Chunk);
        gate.SetResult();
        PutBlobResult result = await put;
        await world.ShouldReadAsync(result.Id, bytes);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task The_quorum_answers_while_the_last_replica_still_holds_the_buffer()
    {
        var world = new RouterWorld(partitions: 1);
        var gate = new TaskCompletionSource();
        world.Peers.Gate = c => c.Node == world.Nodes[2] ? gate.Task : Task.CompletedTask;

        BlobId id = await world.PutAsync(RouterWorld.Bytes(100));

        world.Pool.Outstanding.ShouldBe(1);
        gate.SetResult();
        world.Pool.Outstanding.ShouldBe(0);
        world.Peers.CountCopies(id).ShouldBe(3);
    }

    [Fact]
    public async Task User_metadata_beyond_the_limit_is_refused()
    {
        var world = new RouterWorld();
        var options = new PutBlobOptions(1, 1, new byte[BlobLimits.MaxUserMetadataBytes + 1]);

        (await world.Router.PutAsync(options, new MemoryStream(), default)).Error.ShouldBe(RouterError.BadRequest);
    }

    [Fact]
    public async Task More_chunks_than_a_list_holds_are_refused_and_taken_back()
    {
        var world = new RouterWorld(configure: o => o.ChunkSizeBytes = 132);

        PutBlobResult result = await world.Router.PutAsync(
            RouterWorld.Plain, new MemoryStream(RouterWorld.Bytes(132 * 4)), default);

        result.Error.ShouldBe(RouterError.BadRequest);
        await world.DeleteInBackgroundAsync();
        world.Peers.LiveBlobs.ShouldBeEmpty();
        world.ShouldHoldNothing();
    }
}
