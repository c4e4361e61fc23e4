using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Store.Records;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class BlobStoreLifetimeTests
{
    private const int RecordMoved = 3024;

    private readonly SimDisk _disk = new();
    private readonly FakeTimeProvider _time = new(Start);

    private DateTimeOffset Now => _time.GetUtcNow();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_lives_as_long_as_its_ttl_was_updated_to(bool reopen)
    {
        BlobStore store = await OpenAsync();
        await PutAsync(store, 1, Start.AddDays(3));
        (await UpdateTtlAsync(store, 1, Start.AddDays(10))).ShouldBe(StoreError.None);
        (await UpdateTtlAsync(store, 1, Start.AddDays(10))).ShouldBe(StoreError.AlreadyUpdated);
        (await UpdateTtlAsync(store, 1, Start.AddDays(9))).ShouldBe(StoreError.TtlUpdateRefused);
        store.LastLsn.ShouldBe(2);
        store = await ReopenAsync(store, reopen);
        _time.Advance(TimeSpan.FromDays(9));
        (await ExpiryAsync(store, 1)).ShouldBe(Start.AddDays(10));
        _time.Advance(TimeSpan.FromDays(1));
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Expired);
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.Expired);
        (await ErrorOfAsync(store, 1, includeExpired: true)).ShouldBe(StoreError.None);
        (await ErrorOfAsync(store, 1, includeDeleted: true)).ShouldBe(StoreError.Expired);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_blob_made_permanent_stays_so_and_reads_back()
    {
        await using BlobStore store = await OpenAsync();
        await PutAsync(store, 1, Start.AddDays(3));
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.None);
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.AlreadyUpdated);
        (await UpdateTtlAsync(store, 1, Start.AddDays(4))).ShouldBe(StoreError.AlreadyUpdated);
        _time.Advance(TimeSpan.FromDays(1000));
        await ShouldHoldAsync(store, 1, Content(1, 500));
        (await ExpiryAsync(store, 1)).ShouldBeNull();
        (await StoreKit.PutAsync(store, 1, Content(1, 500))).ShouldBe(StoreError.None, "the same bytes again");
        (await StoreKit.PutAsync(store, 1, Content(2, 500))).ShouldBe(StoreError.AlreadyExists);
    }

    [Fact]
    public async Task A_ttl_update_that_not_every_replica_could_learn_of_in_time_is_refused()
    {
        await using BlobStore store = await OpenAsync();
        await PutAsync(store, 1, Start.AddDays(3));
        _time.Advance(TimeSpan.FromDays(2) + TimeSpan.FromMilliseconds(1));
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.TtlUpdateRefused);
        (await UpdateTtlAsync(store, 2, null)).ShouldBe(StoreError.NotFound);
        store.LastLsn.ShouldBe(1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_undeleted_blob_lives_again_with_the_expiry_it_had(bool reopen)
    {
        BlobStore store = await OpenAsync();
        await PutAsync(store, 1, Start.AddDays(3));
        (await UpdateTtlAsync(store, 1, Start.AddDays(30))).ShouldBe(StoreError.None);
        (await UndeleteAsync(store, 1)).ShouldBe(StoreError.NotDeleted);
        (await DeleteAsync(store, 1, Now)).ShouldBe(StoreError.None);
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.Deleted);
        store = await ReopenAsync(store, reopen);
        _time.Advance(TimeSpan.FromDays(7));
        (await UndeleteAsync(store, 1, Now)).ShouldBe(StoreError.None);
        (await UndeleteAsync(store, 1, Now)).ShouldBe(StoreError.NotDeleted);
        store = await ReopenAsync(store, reopen);
        await ShouldHoldAsync(store, 1, Content(1, 500));
        (await ExpiryAsync(store, 1)).ShouldBe(Start.AddDays(30));
        StoreEntry newest = (await store.FindSinceAsync(3, 10, CancellationToken.None)).Entries.Single();
        newest.ShouldBe(new StoreEntry(
            4, Id(1), StoreRecordKind.Undelete, 1, Start.AddDays(7), Start.AddDays(30), 0, 0));
        (await DeleteAsync(store, 1, Now)).ShouldBe(StoreError.None);
        (await store.FindSinceAsync(4, 10, CancellationToken.None)).Entries.Single().LifeVersion.ShouldBe((ushort)1);
        (await UndeleteAsync(store, 1, Now)).ShouldBe(StoreError.None);
        (await store.FindSinceAsync(5, 10, CancellationToken.None)).Entries.Single().LifeVersion.ShouldBe((ushort)2);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_deletion_older_than_the_retention_is_final()
    {
        await using BlobStore store = await OpenAsync();
        await PutAsync(store, 1);
        await DeleteAsync(store, 1, Now);
        _time.Advance(TimeSpan.FromDays(7));
        (await ErrorOfAsync(store, 1, includeDeleted: true)).ShouldBe(StoreError.None);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await ErrorOfAsync(store, 1, includeDeleted: true)).ShouldBe(StoreError.Deleted);
        (await UndeleteAsync(store, 1, Now)).ShouldBe(StoreError.UndeleteRefused);
        (await UndeleteAsync(store, 2, Now)).ShouldBe(StoreError.NotFound);
        store.LastLsn.ShouldBe(2);
    }

    [Fact]
    public async Task A_deletion_that_compaction_found_final_stays_so_when_the_clock_is_set_back()
    {
        await using BlobStore store = await OpenAsync();
        await PutAsync(store, 1);
        await DeleteAsync(store, 1, Start.AddDays(-8));
        (await UndeleteAsync(store, 1, Now)).ShouldBe(StoreError.UndeleteRefused);
        store.Clock.Freeze().ShouldBe(Start);
        var earlier = new FakeTimeProvider(Start.AddDays(-5));
        await store.DisposeAsync();
        await using BlobStore other = await StoreKit.OpenAsync(_disk, time: earlier);
        (await ErrorOfAsync(other, 1, includeDeleted: true)).ShouldBe(StoreError.None, "its clock has frozen nothing");
    }

    [Fact]
    public async Task An_expired_blob_is_not_undeleted()
    {
        await using BlobStore store = await OpenAsync();
        await PutAsync(store, 1, Start.AddDays(3));
        await DeleteAsync(store, 1, Start.AddDays(2));
        _time.Advance(TimeSpan.FromDays(3));
        (await UndeleteAsync(store, 1, Now)).ShouldBe(StoreError.Expired);
        (await ErrorOfAsync(store, 1, includeDeleted: true)).ShouldBe(StoreError.Expired);
        (await ErrorOfAsync(store, 1, includeExpired: true)).ShouldBe(StoreError.Deleted);
        (await ErrorOfAsync(store, 1, includeDeleted: true, includeExpired: true)).ShouldBe(StoreError.None);
    }

    [Fact]
    public async Task An_erased_blob_is_deleted_for_every_reader_and_for_good()
    {
        BlobStore store = await OpenAsync();
        await DeleteAsync(store, 1);
        await PutAsync(store, 2);
        await store.DisposeAsync();
        await AppendErasedAsync(1);
        await AppendErasedAsync(3);
        store = await OpenAsync();
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Deleted);
        (await ErrorOfAsync(store, 1, includeDeleted: true, includeExpired: true)).ShouldBe(StoreError.Deleted);
        (await DeleteAsync(store, 3, Now)).ShouldBe(StoreError.None);
        (await ErrorOfAsync(store, 3, includeDeleted: true)).ShouldBe(StoreError.Deleted);
        (await UndeleteAsync(store, 3, Now)).ShouldBe(StoreError.NotFound);
        await ShouldHoldAsync(store, 2, Content(2, 500));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task A_read_that_compaction_overtakes_looks_again()
    {
        BlobStoreOptions small = Options(rollEntries: 4, segmentBytes: 64 * 1024);
        var logger = new RecordingLogger();
        await using BlobStore store = await BlobStore.OpenAsync(
            small, _disk, Folder, _time, logger, CancellationToken.None);
        for (int number = 0; number < 24; number++)
        {
            await StoreKit.PutAsync(store, number, Content(number, 9000));
        }

        for (int number = 3; number < 24; number += 4)
        {
            await DeleteAsync(store, number, Now);
        }

        await store.FlushIndexAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromDays(8));
        var barrier = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _disk.ReadBarrier = barrier.Task;
        Task<StoreReadResult> reading = GetAsync(store, 1).AsTask();
        reading.IsCompleted.ShouldBeFalse("it waits for a page of the index");
        _disk.ReadBarrier = null;
        CompactionResult cycle = await store.CompactAsync(
            new CompactionRange(1, store.LastLsn), pacer: null, CancellationToken.None);
        cycle.Error.ShouldBe(StoreError.None);
        cycle.CompactedThrough.ShouldBeGreaterThan(2, "the record that is being read was moved");
        barrier.SetResult();
        using StoreReadResult read = await reading;
        read.Error.ShouldBe(StoreError.None);
        read.Content.ToArray().ShouldBe(Content(1, 9000));
        logger.Events.ShouldContain(RecordMoved, "it did meet the segment that was gone");
        store.Status.State.ShouldBe(StoreState.Running);
    }

    [Fact]
    public async Task A_blob_of_another_partition_is_refused()
    {
        await using BlobStore store = await StoreKit.OpenAsync(
            _disk, new BlobStoreOptions { PartitionId = new(8), CapacityBytes = 1 << 24, SegmentBytes = 1 << 20 });
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.BadRequest);
        (await UndeleteAsync(store, 1)).ShouldBe(StoreError.BadRequest);
        await store.DisposeAsync();
        (await UpdateTtlAsync(store, 1, null)).ShouldBe(StoreError.BadRequest);
    }

    private ValueTask<BlobStore> OpenAsync() => StoreKit.OpenAsync(_disk, time: _time);

    private async Task<BlobStore> ReopenAsync(BlobStore store, bool really)
    {
        if (!really)
        {
            return store;
        }

        await store.DisposeAsync();
        return await OpenAsync();
    }

    private static async Task PutAsync(BlobStore store, int number, DateTimeOffset? expiresAt = null) =>
        (await store.PutAsync(Put(number, Content(number, 500), expiresAt), CancellationToken.None))
            .ShouldBe(StoreError.None);

    private static async Task<DateTimeOffset?> ExpiryAsync(BlobStore store, int number)
    {
        using StoreReadResult result = await GetAsync(store, number);
        return result.Properties.ShouldNotBeNull().ExpiresAt;
    }

    /// <summary>A PUT as it is left when its content was destroyed.</summary>
    private async Task AppendErasedAsync(int number)
    {
        var options = new AppendLogOptions { SegmentBytes = 16L << 20, CapacityBytes = 256L << 20 };
        await using AppendLog log = await AppendLog.OpenAsync(
            _disk, $"{Folder}/log", options, _time, NullLogger.Instance, CancellationToken.None);
        byte[] head = new byte[PutHead.EncodedLength];
        long now = UnixMillis.From(Start);
        new PutHead(Id(number), 0, 100, now, UnixMillis.Never).Write(head);
        await log.AppendAsync(
            new LogAppend(RecordKinds.ErasedPut, head, new byte[9], new byte[4], new byte[100]),
            CancellationToken.None);
    }
}
