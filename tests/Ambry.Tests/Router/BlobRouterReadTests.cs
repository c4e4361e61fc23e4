using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class BlobRouterReadTests
{
    private const int Chunk = RouterWorld.ChunkBytes;

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5 * Chunk)]
    [InlineData((5 * Chunk) + 1)]
    public async Task Any_range_reads_what_the_content_has_there(int size)
    {
        var world = new RouterWorld();
        byte[] content = RouterWorld.Bytes(size);
        BlobId id = await world.PutAsync(content);
        int[] edges =
            [0, 1, 99, Chunk - 1, Chunk, Chunk + 1, 3 * Chunk, (5 * Chunk) - 1, 5 * Chunk, (5 * Chunk) + 1, 6 * Chunk];
        foreach (int from in edges)
        {
            foreach (int length in edges)
            {
                byte[] expected = content.Skip(from).Take(length).ToArray();
                (await world.ReadAsync(id, from, length)).ShouldBe(expected, $"from {from}, length {length}");
            }
        }

        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_range_fetches_only_the_chunks_it_touches_and_only_their_part_of_it()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(10 * Chunk));
        world.Peers.ClearCalls();

        await world.ReadAsync(id, (3 * Chunk) + 10, Chunk);

        GetBlobRequest[] gets = world.Peers.Calls.Where(c => c.Id.Kind == BlobKind.Chunk).Select(c => c.Get!).ToArray();
        gets.Select(g => (g.Offset, g.Length)).ShouldBe([(10, Chunk - 10), (0, 10)]);
    }

    [Fact]
    public async Task Properties_of_a_composite_show_the_total_size()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(10 * Chunk));

        BlobPropertiesResult result = await world.Router.GetPropertiesAsync(id, default);

        result.Error.ShouldBe(RouterError.None);
        result.Properties!.SizeBytes.ShouldBe(10 * Chunk);
        result.Properties.CreatedAt.ShouldBe(world.Time.GetUtcNow());
        result.UserMetadata.ToArray().ShouldBe([1, 2, 3]);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task Properties_of_a_simple_blob_fetch_no_content()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(50));
        world.Peers.ClearCalls();

        BlobPropertiesResult result = await world.Router.GetPropertiesAsync(id, default);

        result.Properties!.SizeBytes.ShouldBe(50);
        world.Peers.Calls.ShouldAllBe(c => c.Get!.Length == 0);
    }

    [Fact]
    public async Task A_stitched_blob_reads_as_its_parts_in_order_without_copying_them()
    {
        var world = new RouterWorld();
        byte[][] contents =
        [
            RouterWorld.Bytes(10, 1), RouterWorld.Bytes((3 * Chunk) + 5, 2), [],
            RouterWorld.Bytes(2 * Chunk, 3), RouterWorld.Bytes(7, 4),
        ];
        var parts = new List<BlobPart>();
        foreach (byte[] part in contents)
        {
            parts.Add(new BlobPart(await world.PutAsync(part), part.Length));
        }

        world.Peers.ClearCalls();
        PutBlobResult stitched = await world.Router.StitchAsync(RouterWorld.Plain, parts, default);

        byte[] whole = contents.SelectMany(c => c).ToArray();
        stitched.SizeBytes.ShouldBe(whole.Length);
        world.Peers.Calls.ShouldAllBe(c => c.Id == stitched.Id);
        (await world.ReadAsync(stitched.Id)).ShouldBe(whole);
        for (int from = 0; from < whole.Length; from += 511)
        {
            (await world.ReadAsync(stitched.Id, from, 1500)).ShouldBe(whole.Skip(from).Take(1500).ToArray());
        }

        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_range_fetches_only_the_nested_lists_it_touches()
    {
        var world = new RouterWorld();
        var parts = new List<BlobPart>();
        for (int i = 0; i < 3; i++)
        {
            parts.Add(new BlobPart(await world.PutAsync(RouterWorld.Bytes(2 * Chunk, i)), 2 * Chunk));
        }

        PutBlobResult stitched = await world.Router.StitchAsync(RouterWorld.Plain, parts, default);
        world.Peers.ClearCalls();

        await world.ReadAsync(stitched.Id, 2 * Chunk, 100);

        world.Peers.Calls.Where(c => c.Id.Kind == BlobKind.Composite).Select(c => c.Id)
            .ShouldBe([stitched.Id, parts[1].Id]);
    }

    [Fact]
    public async Task A_nested_list_that_cannot_be_had_is_told_after_the_blocks_before_it_and_is_no_end()
    {
        var world = new RouterWorld();
        var parts = new List<BlobPart>();
        for (int i = 0; i < 2; i++)
        {
            parts.Add(new BlobPart(await world.PutAsync(RouterWorld.Bytes(2 * Chunk, i)), 2 * Chunk));
        }

        PutBlobResult stitched = await world.Router.StitchAsync(RouterWorld.Plain, parts, default);
        world.Peers.FaultBefore = c => c.Id == parts[1].Id ? PeerError.Unreachable : PeerError.None;
        OpenBlobResult opened = await world.Router.OpenReadAsync(
            stitched.Id, 0, long.MaxValue, ReadScope.Live, default);
        await using (IBlobReader reader = opened.Reader!)
        {
            (await reader.ReadAsync(default)).Length.ShouldBe(Chunk);
            (await reader.ReadAsync(default)).Length.ShouldBe(Chunk);
            var fault = await Should.ThrowAsync<BlobReadException>(async () => await reader.ReadAsync(default));
            fault.Error.ShouldBe(RouterError.Unavailable);
        }

        world.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Parts_that_cannot_be_listed_are_refused(int count)
    {
        var world = new RouterWorld(configure: o => o.ChunkSizeBytes = CompositeFormat.EncodedLength(59));
        BlobId id = await world.PutAsync([1]);

        PutBlobResult result = await world.Router.StitchAsync(
            RouterWorld.Plain, Enumerable.Repeat(new BlobPart(id, 1), count).ToArray(), default);

        result.Error.ShouldBe(RouterError.BadRequest);
    }

    [Fact]
    public async Task A_blob_that_never_was_is_not_found_when_enough_replicas_say_so()
    {
        var world = new RouterWorld();

        (await OpenAsync(world, Unknown(BlobKind.Simple))).ShouldBe(RouterError.NotFound);
        (await OpenAsync(world, Unknown(BlobKind.Composite))).ShouldBe(RouterError.NotFound);
        (await world.Router.GetPropertiesAsync(Unknown(BlobKind.Simple), default)).Error.ShouldBe(RouterError.NotFound);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task One_replica_that_lacks_a_blob_proves_nothing()
    {
        var world = new RouterWorld();
        world.Peers.FaultBefore = c => c.Node != world.Nodes[0] ? PeerError.Unreachable : PeerError.None;

        (await OpenAsync(world, Unknown(BlobKind.Simple))).ShouldBe(RouterError.Unavailable);
    }

    [Fact]
    public async Task Replicas_that_are_still_bootstrapping_cannot_testify()
    {
        var world = new RouterWorld(state: node => node == 0 ? ReplicaState.Standby : ReplicaState.Bootstrap);

        (await OpenAsync(world, Unknown(BlobKind.Simple))).ShouldBe(RouterError.Unavailable);
    }

    [Fact]
    public async Task A_partition_that_the_view_does_not_have_proves_nothing()
    {
        var world = new RouterWorld(partitions: 1);
        var id = new BlobId(new DataCenterId(1), 1, 1, new PartitionId(99), BlobKind.Simple, Guid.Empty);

        (await world.Router.OpenReadAsync(id, 0, 1, ReadScope.Live, default)).Error.ShouldBe(RouterError.Unavailable);
    }

    [Fact]
    public async Task A_read_turns_to_another_replica_when_one_is_damaged_or_gone()
    {
        var world = new RouterWorld();
        byte[] content = RouterWorld.Bytes(8 * Chunk);
        BlobId id = await world.PutAsync(content);
        foreach (BlobId blob in world.Peers.LiveBlobs)
        {
            DataNodeId[] holders = world.View.FindPartition(blob.Partition)!.Replicas.Select(r => r.Node).ToArray();
            world.Peers.Corrupt(holders[0], blob);
            world.Peers.Forget(holders[1], blob);
        }

        await world.ShouldReadAsync(id, content);
        world.ShouldHoldNothing();
    }

    [Theory]
    [InlineData(BlobKind.Simple)]
    [InlineData(BlobKind.Composite)]
    [InlineData(BlobKind.Chunk)]
    public async Task Damage_in_every_copy_is_told_before_anything_is_read(BlobKind damaged)
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(damaged == BlobKind.Simple ? 10 : 2 * Chunk));
        foreach (BlobId blob in world.Peers.LiveBlobs.Where(b => b.Kind == damaged))
        {
            foreach (DataNodeId node in world.Nodes)
            {
                world.Peers.Corrupt(node, blob);
            }
        }

        (await world.Router.OpenReadAsync(id, 0, 100, ReadScope.Live, default)).Error.ShouldBe(RouterError.Corrupt);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task Damage_in_the_middle_ends_the_read_with_an_exception()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(8 * Chunk));
        BlobId sixth = world.Peers.Calls.Select(c => c.Id).Where(i => i.Kind == BlobKind.Chunk).Distinct().ElementAt(5);
        foreach (DataNodeId node in world.Nodes)
        {
            world.Peers.Corrupt(node, sixth);
        }

        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);
        opened.Error.ShouldBe(RouterError.None);
        await using (IBlobReader reader = opened.Reader!)
        {
            BlobReadException e = await Should.ThrowAsync<BlobReadException>(() => RouterWorld.DrainAsync(reader));
            e.Error.ShouldBe(RouterError.Corrupt);
        }

        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_blob_deleted_while_it_is_read_stays_readable_but_is_not_opened_again()
    {
        var world = new RouterWorld();
        byte[] content = RouterWorld.Bytes(20 * Chunk);
        BlobId id = await world.PutAsync(content);
        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);

        (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldBe(RouterError.None);

        await using (IBlobReader reader = opened.Reader!)
        {
            (await RouterWorld.DrainAsync(reader)).ShouldBe(content);
        }

        (await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default)).Error
            .ShouldBe(RouterError.NotFound);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task Read_ahead_stops_at_the_window_and_abandoning_a_read_returns_everything()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(20 * Chunk));
        world.Peers.ClearCalls();

        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);

        world.Peers.Calls.Count(c => c.Id.Kind == BlobKind.Chunk).ShouldBe(4);
        world.PeerPool.Outstanding.ShouldBe(4);
        await opened.Reader!.DisposeAsync();
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_read_that_is_cancelled_returns_everything()
    {
        var world = new RouterWorld();
        BlobId id = await world.PutAsync(RouterWorld.Bytes(20 * Chunk));
        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);
        var gate = new TaskCompletionSource();
        world.Peers.Gate = _ => gate.Task;
        using var source = new CancellationTokenSource();
        await using (IBlobReader reader = opened.Reader!)
        {
            for (int i = 0; i < 4; i++)
            {
                (await reader.ReadAsync(source.Token)).Length.ShouldBe(Chunk);
            }

            Task<ReadOnlyMemory<byte>> read = reader.ReadAsync(source.Token).AsTask();
            read.IsCompleted.ShouldBeFalse();
            source.Cancel();
            gate.SetResult();
            await Should.ThrowAsync<OperationCanceledException>(() => read);
        }

        world.ShouldHoldNothing();
    }

    private static async Task<RouterError> OpenAsync(RouterWorld world, BlobId id) =>
        (await world.Router.OpenReadAsync(id, 0, 1, ReadScope.Live, default)).Error;

    private static BlobId Unknown(BlobKind kind) =>
        new(new DataCenterId(1), 1, 1, new PartitionId(0), kind, new Guid(1, 2, 3, new byte[8]));
}
