using Ambry.Log;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class ScrubTests
{
    private readonly FakeTimeProvider _time = new(Start);
    private readonly SimDisk _disk = new();
    private readonly RecordingLogger _logger = new();

    [Fact]
    public async Task A_pass_over_a_sound_store_reads_everything_once_and_finds_nothing()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, logger: _logger);
        await PutManyAsync(store, 0, 30);
        await DeleteAtAsync(store, 3, Start);
        (await UpdateTtlAsync(store, 4, Start.AddDays(5))).ShouldBe(StoreError.AlreadyUpdated);
        (await UndeleteAsync(store, 3, Start)).ShouldBe(StoreError.None);
        await CompactAsync(store);
        ScrubPass pass = await PassAsync(store);
        pass.Records.ShouldBe(32);
        pass.Damaged.ShouldBe(0);
        pass.Bytes.ShouldBeGreaterThan(Enumerable.Range(0, 30).Sum(i => (long)Bytes(i).Length));
        pass.EndedAt.ShouldNotBeNull();
        store.Maintenance.Damaged.ShouldBeEmpty();
        (await store.ScrubIndexAsync(null, CancellationToken.None)).ShouldBe(StoreError.None);
        _logger.Errors.ShouldBeEmpty();
    }

    // Header, head, metadata, checksums of blocks, content: wherever the bit is.
    [Theory]
    [InlineData(10)]
    [InlineData(64 + 10)]
    [InlineData(64 + 56 + 10)]
    [InlineData(64 + 56 + 33 + 2)]
    [InlineData(64 + 56 + 33 + 4 + 100)]
    public async Task A_flipped_bit_is_found_and_told(int offset)
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, logger: _logger);
        await PutManyAsync(store, 30, 10);
        string segment = $"{Folder}/log/0000000000.log";
        int content = Find(_disk, segment, Bytes(33));
        int record = content - 4 - 33 - 56 - 64;
        _disk.FlipBit(segment, record + offset, 2);
        ScrubPass pass = await PassAsync(store);
        pass.Damaged.ShouldBe(1);
        pass.Records.ShouldBe(10);
        DamagedRecord damaged = store.Maintenance.Damaged.ShouldHaveSingleItem();
        damaged.Id.ShouldBe(Id(33));
        damaged.Lsn.ShouldBe(4);
        _logger.Errors.ShouldHaveSingleItem().ShouldContain("damaged record at LSN 4");
        store.Status.State.ShouldBe(StoreState.Running);

        // It is told again by the next pass, but remembered once.
        (await PassAsync(store)).Damaged.ShouldBe(1);
        store.Maintenance.Damaged.ShouldHaveSingleItem();
        store.Maintenance.DamagedTotal.ShouldBe(2);
    }

    [Fact]
    public async Task Too_much_damage_quarantines_the_store()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, Small(scrubThreshold: 3), _logger);
        await PutManyAsync(store, 0, 20);
        for (int number = 0; number < 4; number++)
        {
            string segment = $"{Folder}/log/0000000000.log";
            _disk.FlipBit(segment, Find(_disk, segment, Bytes(number)), 0);
        }

        await store.ScrubAsync(1 << 20, CancellationToken.None);
        store.Status.State.ShouldBe(StoreState.Quarantined);
        store.Status.Reason.ShouldNotBeNull().ShouldContain("4 damaged records");
        (await ErrorOfAsync(store, 10)).ShouldBe(StoreError.Unavailable);
        (await store.ScrubAsync(1 << 20, CancellationToken.None)).Error.ShouldBe(StoreError.Unavailable);
        (await CompactAsyncAfterQuarantine(store)).Error.ShouldBe(StoreError.Unavailable);
    }

    [Fact]
    public async Task A_sector_that_cannot_be_read_is_damage_and_a_device_that_cannot_be_read_ends_the_store()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, logger: _logger);
        await PutManyAsync(store, 0, 20);
        int bad = 2;
        _disk.ReadFault = path => path.EndsWith(".log", StringComparison.Ordinal) && --bad == 0
            ? new DiskException(DiskFault.Device, "unreadable sector", null)
            : null;
        ScrubPass pass = await PassAsync(store);
        (pass.Records, pass.Damaged).ShouldBe((20, 1));
        store.Maintenance.Damaged.ShouldHaveSingleItem().Reason.ShouldContain("unreadable sector");
        store.Status.State.ShouldBe(StoreState.Running);
        _disk.ReadFault = _ => new DiskException(DiskFault.Device, "dead", null);
        (await store.ScrubAsync(1 << 20, CancellationToken.None)).Error.ShouldBe(StoreError.Unavailable);
        store.Status.State.ShouldBe(StoreState.Failed);
    }

    [Fact]
    public async Task As_much_damage_as_is_allowed_does_not()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, Small(scrubThreshold: 3), _logger);
        await PutManyAsync(store, 0, 20);
        for (int number = 0; number < 3; number++)
        {
            string segment = $"{Folder}/log/0000000000.log";
            _disk.FlipBit(segment, Find(_disk, segment, Bytes(number)), 0);
        }

        // Each pass counts anew.
        for (int i = 0; i < 3; i++)
        {
            (await PassAsync(store)).Damaged.ShouldBe(3);
        }

        store.Status.State.ShouldBe(StoreState.Running);
    }

    [Fact]
    public async Task A_damaged_index_file_is_made_anew()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, logger: _logger);
        await PutManyAsync(store, 0, 30);
        (await store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.None);
        string file = $"{Folder}/index/{_disk.ListFiles($"{Folder}/index").Order().First()}";
        byte[] before = _disk.Contents(file);
        _disk.FlipBit(file, before.Length / 2, 5);
        (await store.ScrubIndexAsync(null, CancellationToken.None)).ShouldBe(StoreError.None);
        _disk.Contents(file).ShouldBe(before);
        (await PassAsync(store)).Damaged.ShouldBe(0);
    }

    [Fact]
    public async Task A_pass_goes_in_steps_and_ends_where_it_was_to_end()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 20);
        long records = 0;
        int steps = 0;
        for (bool isDone = false; !isDone; steps++)
        {
            ScrubStep step = await store.ScrubAsync(5000, CancellationToken.None);
            step.Bytes.ShouldBeLessThan(5000 + 20_000);
            records += step.Records;
            isDone = step.IsPassDone;
            await PutManyAsync(store, 1000 + (steps * 2), 1);
        }

        records.ShouldBe(20);
        steps.ShouldBeGreaterThan(5);
        store.Maintenance.Scrub.ShouldNotBeNull().LastLsn.ShouldBe(20);
    }

    [Fact]
    public async Task Compaction_between_the_steps_of_a_pass_hides_nothing()
    {
        await using BlobStore store = await CompactionKit.OpenAsync(_disk, _time, logger: _logger);
        await PutManyAsync(store, 0, 40);
        for (int number = 0; number < 20; number++)
        {
            await DeleteAtAsync(store, number, Start - Retention - TimeSpan.FromHours(1));
        }

        await store.ScrubAsync(5000, CancellationToken.None);
        await CompactAsync(store);
        ScrubPass pass = await PassAsync(store);
        pass.Damaged.ShouldBe(0);
        pass.Records.ShouldBeGreaterThanOrEqualTo(40);
        _logger.Errors.ShouldBeEmpty();
    }

    private static ValueTask<CompactionResult> CompactAsyncAfterQuarantine(BlobStore store) =>
        store.CompactAsync(new CompactionRange(1, long.MaxValue), null, CancellationToken.None);

    private static async Task<ScrubPass> PassAsync(BlobStore store)
    {
        for (int i = 0; i < 1000; i++)
        {
            ScrubStep step = await store.ScrubAsync(20_000, CancellationToken.None);
            step.Error.ShouldBe(StoreError.None);
            if (step.IsPassDone)
            {
                return store.Maintenance.Scrub.ShouldNotBeNull();
            }
        }

        throw new InvalidOperationException("A pass never ended.");
    }
}
