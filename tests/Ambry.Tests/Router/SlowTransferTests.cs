using Ambry.Protocol;
using Ambry.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>Clients that stand still hold little, so that the others find room in the byte budget.</summary>
public class SlowTransferTests
{
    private const int Chunk = RouterWorld.ChunkBytes;
    private const int Kibi = 1024;
    private const int Mebi = 1024 * Kibi;

    [Fact]
    public async Task Readers_of_slow_clients_read_ahead_only_while_half_of_the_budget_is_free()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 16 * Chunk);
        byte[] content = RouterWorld.Bytes(8 * Chunk);
        BlobId id = await world.PutAsync(content);
        await world.ShouldSoonHoldNothingAsync();
        IBlobReader[] slow = await OpenAsync(world, id, count: 4);

        // Two read three blocks ahead, the others none.
        world.Router.BytesInUse.ShouldBe(10 * Chunk);
        await world.ShouldReadAsync(await world.PutAsync(content), content);

        await ShouldAllReadAsync(slow, content);
        await world.ShouldSoonHoldNothingAsync();
    }

    [Fact]
    public async Task Readers_give_back_what_they_read_ahead_and_fetch_it_again()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 8 * Chunk);
        byte[] content = RouterWorld.Bytes(8 * Chunk);
        BlobId id = await world.PutAsync(content);
        await world.ShouldSoonHoldNothingAsync();
        IBlobReader[] slow = await OpenAsync(world, id, count: 1);
        world.Router.BytesInUse.ShouldBe(4 * Chunk);

        IBlobReader[] others = await OpenAsync(world, id, count: 7);

        world.Router.BytesInUse.ShouldBe(8 * Chunk);
        world.PeerPool.Outstanding.ShouldBe(8);
        await ShouldAllReadAsync(others, content);
        await ShouldAllReadAsync(slow, content);
        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task A_block_that_is_on_its_way_when_it_is_called_back_is_dropped_on_arrival()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 8 * Chunk);
        byte[] content = RouterWorld.Bytes(8 * Chunk);
        BlobId id = await world.PutAsync(content);
        await world.ShouldSoonHoldNothingAsync();
        var gate = new TaskCompletionSource();
        int gets = 0;
        world.Peers.Gate = c => c.Id.Kind == BlobKind.Chunk && ++gets is 2 or 3 or 4 ? gate.Task : Task.CompletedTask;
        IBlobReader[] slow = await OpenAsync(world, id, count: 1);
        IBlobReader[] others = await OpenAsync(world, id, count: 4);

        Task<OpenBlobResult> waiting = world.Router.OpenReadAsync(
            id, 0, long.MaxValue, ReadScope.Live, default).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        gate.SetResult();

        await using (IBlobReader reader = (await waiting).Reader.ShouldNotBeNull())
        {
            (await RouterWorld.DrainAsync(reader)).ShouldBe(content);
        }

        await ShouldAllReadAsync([.. others, .. slow], content);
        await world.ShouldSoonHoldNothingAsync();
    }

    [Fact]
    public async Task Readers_that_are_left_with_blocks_called_back_hold_nothing()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 8 * Chunk);
        BlobId id = await world.PutAsync(RouterWorld.Bytes(8 * Chunk));
        await world.ShouldSoonHoldNothingAsync();

        foreach (IBlobReader reader in await OpenAsync(world, id, count: 8))
        {
            await reader.DisposeAsync();
        }

        world.ShouldHoldNothing();
    }

    [Fact]
    public async Task Uploads_that_stand_still_hold_little_whatever_they_announced()
    {
        var world = new RouterWorld(configure: UseRealChunks);
        var options = RouterWorld.Plain with { SizeHint = 100L * Mebi };
        SteppedStream[] contents =
            [.. Enumerable.Range(0, 50).Select(n => new SteppedStream(RouterWorld.Bytes(n < 25 ? 0 : 100 * Kibi)))];
        Task<PutBlobResult>[] idle = [.. contents.Select(c => world.Router.PutAsync(options, c, default).AsTask())];
        Array.ForEach(contents, c => c.Arrive());

        world.Router.BytesInUse.ShouldBeLessThanOrEqualTo((25 * 64 * Kibi) + (25 * 256 * Kibi));
        byte[] content = RouterWorld.Bytes(9 * Mebi);
        await world.ShouldReadAsync(await world.PutAsync(content, options), content);

        idle.ShouldAllBe(put => !put.IsCompleted);
        Array.ForEach(contents, c => c.End());
        (await Task.WhenAll(idle)).Select(r => r.SizeBytes)
            .ShouldBe(Enumerable.Range(0, 50).Select(n => n < 25 ? 0L : 100 * Kibi));
        await world.ShouldSoonHoldNothingAsync();
    }

    [Fact]
    public async Task Many_uploads_at_once_make_smaller_chunks_and_do_not_wait_for_each_other()
    {
        var world = new RouterWorld(configure: UseRealChunks);
        byte[] bytes = RouterWorld.Bytes(5 * Mebi);
        var options = RouterWorld.Plain with { SizeHint = bytes.Length };
        SteppedStream[] contents = [.. Enumerable.Range(0, 20).Select(_ => new SteppedStream(bytes))];
        Task<PutBlobResult>[] puts = [.. contents.Select(c => world.Router.PutAsync(options, c, default).AsTask())];

        // All of them come to the point where the budget is too short for their next buffers before any has ended.
        for (int arrived = 0; arrived <= bytes.Length; arrived += 128 * Kibi)
        {
            Array.ForEach(contents, c => c.Allow(128 * Kibi));
        }

        Array.ForEach(contents, c => c.Allow(bytes.Length));
        foreach (PutBlobResult result in await Task.WhenAll(puts))
        {
            result.Error.ShouldBe(RouterError.None);
            await world.ShouldReadAsync(result.Id, bytes);
        }

        await world.ShouldSoonHoldNothingAsync();
    }

    [Theory]
    [InlineData(300 * Kibi, 300 * Kibi)]
    [InlineData((4 * Mebi) - 1, (4 * Mebi) - 1)]
    [InlineData(4 * Mebi, 4 * Mebi)]
    public async Task A_content_of_known_length_ends_in_a_buffer_of_that_length(int size, int largest)
    {
        var world = new RouterWorld(configure: o => o.ChunkSizeBytes = BlobLimits.MaxContentBytes);
        byte[] content = RouterWorld.Bytes(size);

        BlobId id = await world.PutAsync(content, RouterWorld.Plain with { SizeHint = size });

        id.Kind.ShouldBe(BlobKind.Simple);
        world.Pool.LargestBytes.ShouldBe(largest);
        await world.ShouldReadAsync(id, content);
        world.ShouldHoldNothing();
    }

    private static void UseRealChunks(RouterOptions options)
    {
        options.ChunkSizeBytes = BlobLimits.MaxContentBytes;
        options.MemoryBudgetBytes = 24L * Mebi;
    }

    private static async Task<IBlobReader[]> OpenAsync(RouterWorld world, BlobId id, int count)
    {
        var readers = new IBlobReader[count];
        for (int i = 0; i < count; i++)
        {
            OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, default);
            opened.Error.ShouldBe(RouterError.None, $"reader {i}");
            readers[i] = opened.Reader!;
        }

        return readers;
    }

    private static async Task ShouldAllReadAsync(IBlobReader[] readers, byte[] content)
    {
        foreach (IBlobReader reader in readers)
        {
            await using (reader)
            {
                (await RouterWorld.DrainAsync(reader)).AsSpan().SequenceEqual(content).ShouldBeTrue();
            }
        }
    }
}
