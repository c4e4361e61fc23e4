using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class BlobStoreTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Block)]
    [InlineData(Block + 1)]
    [InlineData(BlobLimits.MaxContentBytes)]
    public async Task A_blob_reads_back_as_it_was_put(int length)
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        byte[] content = Content(1, length);
        (await PutAsync(store, 1, content)).ShouldBe(StoreError.None);
        await ShouldHoldAsync(store, 1, content);
        store.PutCount.ShouldBe(1);
        store.UsedBytes.ShouldBeGreaterThan(length);
    }

    [Fact]
    public async Task The_same_bytes_again_are_no_error_and_other_bytes_are()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        byte[] content = Content(1, 1000);
        (await PutAsync(store, 1, content)).ShouldBe(StoreError.None);
        long lsn = store.LastLsn;
        (await PutAsync(store, 1, content)).ShouldBe(StoreError.None);
        (await PutAsync(store, 1, Content(2, 1000))).ShouldBe(StoreError.AlreadyExists);
        (await PutAsync(store, 1, content[..999])).ShouldBe(StoreError.AlreadyExists);
        store.LastLsn.ShouldBe(lsn);
        await ShouldHoldAsync(store, 1, content);
    }

    [Fact]
    public async Task A_deleted_blob_stays_deleted_and_reads_only_on_request()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        byte[] content = Content(1, 1000);
        (await DeleteAsync(store, 1)).ShouldBe(StoreError.NotFound);
        await PutAsync(store, 1, content);
        (await DeleteAsync(store, 1)).ShouldBe(StoreError.None);
        (await DeleteAsync(store, 1)).ShouldBe(StoreError.Deleted);
        (await PutAsync(store, 1, content)).ShouldBe(StoreError.Deleted);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Deleted);
        (await ErrorOfAsync(store, 2)).ShouldBe(StoreError.NotFound);
        using StoreReadResult deleted = await GetAsync(store, 1, includeDeleted: true);
        deleted.Error.ShouldBe(StoreError.None);
        deleted.Content.ToArray().ShouldBe(content);
        store.DeleteCount.ShouldBe(1);
    }

    [Fact]
    public async Task A_blob_expires_at_its_millisecond()
    {
        var time = new FakeTimeProvider(Start);
        await using BlobStore store = await OpenAsync(new SimDisk(), time: time);
        await store.PutAsync(Put(1, [1, 2, 3], Start.AddSeconds(10)), CancellationToken.None);
        time.Advance(TimeSpan.FromMilliseconds(9_999));
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.None);
        time.Advance(TimeSpan.FromMilliseconds(1));
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Expired);
        (await ErrorOfAsync(store, 1, includeDeleted: true)).ShouldBe(StoreError.Expired);
        using StoreReadResult expired = await GetAsync(store, 1, includeExpired: true);
        expired.Content.ToArray().ShouldBe([1, 2, 3]);
        expired.Properties.ShouldBe(new BlobProperties(3, Start, Start.AddSeconds(10)));
        (await DeleteAsync(store, 1)).ShouldBe(StoreError.None);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Deleted, "deleted comes before expired");
    }

    [Fact]
    public async Task Ranges_at_block_edges_are_exact_and_clipped()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        byte[] content = Content(1, (3 * Block) + 10);
        await PutAsync(store, 1, content);
        int end = content.Length;
        int[] offsets = [0, 1, Block - 1, Block, Block + 1, (2 * Block) - 1, 3 * Block, end - 1, end, end + 5];
        int?[] lengths = [0, 1, 2, Block - 1, Block, Block + 1, 2 * Block, int.MaxValue, null];
        foreach (int offset in offsets)
        {
            foreach (int? length in lengths)
            {
                using StoreReadResult result = await GetAsync(store, 1, offset, length);
                byte[] expected = content.Skip(offset).Take(length ?? int.MaxValue).ToArray();
                result.Error.ShouldBe(StoreError.None);
                result.Content.Span.SequenceEqual(expected).ShouldBeTrue($"{length} bytes from {offset}");
                result.Properties!.SizeBytes.ShouldBe(content.Length);
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0, 5000)]
    [InlineData(4096, 0)]
    [InlineData(4096, 840)]
    [InlineData(4096, 900)]
    [InlineData(4096, BlobLimits.MaxUserMetadataBytes)]
    [InlineData(Block, 1000)]
    [InlineData(Block + 1, 1000)]
    [InlineData(3 * Block, BlobLimits.MaxUserMetadataBytes)]
    public async Task User_metadata_of_any_size_comes_with_contents_of_any_size(int length, int metadataLength)
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        byte[] metadata = Content(2, metadataLength);
        byte[] content = Content(1, length);
        (await PutAsync(store, Put(1, content) with { UserMetadata = metadata })).ShouldBe(StoreError.None);
        foreach ((int from, int? count) in new (int, int?)[] { (0, null), (0, 0), (length / 2, 10), (length, null) })
        {
            using StoreReadResult result = await GetAsync(store, 1, from, count);
            result.Error.ShouldBe(StoreError.None);
            result.UserMetadata.ToArray().ShouldBe(metadata);
            result.Content.ToArray().ShouldBe(content.Skip(from).Take(count ?? int.MaxValue).ToArray());
        }
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(2 * Block)]
    public async Task Damaged_user_metadata_spoils_every_read(int length)
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenAsync(disk);
        byte[] metadata = Content(2, 100);
        await PutAsync(store, Put(1, Content(1, length)) with { UserMetadata = metadata });
        disk.FlipBit(LogFile(disk), Find(disk, LogFile(disk), metadata) + 50, 1);
        (await ErrorOfRangeAsync(store, 0, null)).ShouldBe(StoreError.Corrupt);
        (await ErrorOfRangeAsync(store, 0, 0)).ShouldBe(StoreError.Corrupt);
        (await ErrorOfRangeAsync(store, length - 1, 1)).ShouldBe(StoreError.Corrupt);
    }

    [Fact]
    public async Task A_flipped_bit_spoils_only_the_ranges_that_touch_its_block()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenAsync(disk);
        byte[] content = Content(1, (3 * Block) + 10);
        await PutAsync(store, 1, content);
        await PutAsync(store, 2, content[..100]);
        int at = Find(disk, LogFile(disk), content.AsSpan(0, 64));
        disk.FlipBit(LogFile(disk), at + Block + 5, 3);
        (await ErrorOfRangeAsync(store, 0, Block)).ShouldBe(StoreError.None);
        (await ErrorOfRangeAsync(store, 2 * Block, null)).ShouldBe(StoreError.None);
        (await ErrorOfRangeAsync(store, (2 * Block) - 1, 1)).ShouldBe(StoreError.Corrupt);
        (await ErrorOfRangeAsync(store, 0, Block + 1)).ShouldBe(StoreError.Corrupt);
        (await ErrorOfRangeAsync(store, 0, null)).ShouldBe(StoreError.Corrupt);
        (await ErrorOfRangeAsync(store, 0, 0)).ShouldBe(StoreError.None, "properties alone are intact");
        await ShouldHoldAsync(store, 2, content[..100]);
        store.Status.State.ShouldBe(StoreState.Running);
    }

    [Fact]
    public async Task Requests_that_break_a_limit_or_name_another_partition_are_refused()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        (await PutAsync(store, 1, new byte[BlobLimits.MaxContentBytes + 1])).ShouldBe(StoreError.TooLarge);
        PutBlobRequest request = Put(1, [1]);
        (await PutAsync(store, request with { UserMetadata = new byte[BlobLimits.MaxUserMetadataBytes + 1] }))
            .ShouldBe(StoreError.TooLarge);
        (await PutAsync(store, request with { Properties = request.Properties with { SizeBytes = 2 } }))
            .ShouldBe(StoreError.BadRequest);
        var foreign = new BlobId(new DataCenterId(1), 1, 2, new PartitionId(8), BlobKind.Simple, Guid.Empty);
        (await PutAsync(store, request with { Id = foreign })).ShouldBe(StoreError.BadRequest);
        (await store.DeleteAsync(new DeleteBlobRequest(foreign, Start), CancellationToken.None))
            .ShouldBe(StoreError.BadRequest);
        using StoreReadResult negative = await GetAsync(store, 1, offset: -1);
        negative.Error.ShouldBe(StoreError.BadRequest);
        store.LastLsn.ShouldBe(0);
    }

    [Fact]
    public async Task Changes_of_one_blob_at_once_happen_one_after_the_other()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenAsync(disk);
        var barrier = new TaskCompletionSource();
        disk.SyncBarrier = barrier.Task;
        byte[][] contents = [.. Enumerable.Range(0, 8).Select(i => Content(i % 2, 100))];
        Task<StoreError>[] puts = [.. contents.Select(content => PutAsync(store, 1, content))];
        Task<StoreError>[] deletes = [.. Enumerable.Range(0, 4).Select(_ => DeleteAsync(store, 1))];
        puts[0].IsCompleted.ShouldBeFalse("its sync has not come back");
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.NotFound, "the index does not lead the log");
        disk.SyncBarrier = null;
        barrier.SetResult();
        StoreError[] put = await Task.WhenAll(puts);
        StoreError[] deleted = await Task.WhenAll(deletes);
        put[0].ShouldBe(StoreError.None);
        put.ShouldAllBe(
            error => error == StoreError.None || error == StoreError.AlreadyExists || error == StoreError.Deleted);
        deleted.Count(error => error == StoreError.None).ShouldBe(1);
        deleted.Count(error => error == StoreError.Deleted).ShouldBe(3);
        store.LastLsn.ShouldBe(2, "one put and one delete");
    }

    [Fact]
    public async Task Find_since_gives_the_same_from_journal_and_index()
    {
        var disk = new SimDisk();
        List<StoreEntry> all = [];
        await using (BlobStore store = await OpenAsync(disk, Options(rollEntries: 7, journalEntries: 1000)))
        {
            for (int i = 0; i < 40; i++)
            {
                await PutAsync(store, i, Content(i, i));
            }

            await DeleteAsync(store, 3);
            all.AddRange((await store.FindSinceAsync(0, 1000, CancellationToken.None)).Entries);
        }

        all.Select(entry => entry.Lsn).ShouldBe(Enumerable.Range(1, 41).Select(lsn => (long)lsn));
        all[40].Kind.ShouldBe(StoreRecordKind.Delete);
        all[40].Id.ShouldBe(Id(3));
        await using BlobStore reopened = await OpenAsync(disk, Options(rollEntries: 7, journalEntries: 5));
        for (int i = 40; i < 50; i++)
        {
            await PutAsync(reopened, i, Content(i, i));
        }

        for (long token = 0; token <= 41; token++)
        {
            StoreEntries since = await reopened.FindSinceAsync(token, 9, CancellationToken.None);
            since.Entries.Select(entry => entry.Lsn)
                .ShouldBe(Enumerable.Range((int)token + 1, 9).Select(lsn => (long)lsn));
            since.Entries.Where(entry => entry.Lsn <= 41).ShouldBe(all.Where(entry => entry.Lsn > token).Take(9));
        }

        (await reopened.FindSinceAsync(49, 9, CancellationToken.None)).Entries.Count.ShouldBe(2);
        (await reopened.FindSinceAsync(51, 9, CancellationToken.None)).Entries.ShouldBeEmpty();
    }

    private static async Task<StoreError> PutAsync(BlobStore store, PutBlobRequest request) =>
        await store.PutAsync(request, CancellationToken.None);

    private static Task<StoreError> PutAsync(BlobStore store, int number, byte[] content) =>
        StoreKit.PutAsync(store, number, content);

    private static async Task<StoreError> ErrorOfRangeAsync(BlobStore store, long offset, int? length)
    {
        using StoreReadResult result = await GetAsync(store, 1, offset, length);
        return result.Error;
    }
}
