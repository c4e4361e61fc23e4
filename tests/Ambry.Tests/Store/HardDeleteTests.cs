using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class HardDeleteTests
{
    private readonly FakeTimeProvider _time = new(Start);
    private readonly SimDisk _disk = new();
    private readonly RecordingLogger _logger = new();

    [Fact]
    public async Task Content_and_metadata_are_gone_from_the_disk_once_the_retention_is_over()
    {
        await using BlobStore store = await OpenAsync(_disk, _time, logger: _logger);
        await PutManyAsync(store, 0, 30);
        await DeleteAtAsync(store, 12, Start);
        _time.Advance(Retention + TimeSpan.FromMinutes(1));
        (await EraseAsync(store)).ShouldBe(0);
        IsOnDisk(Bytes(12)).ShouldBeTrue();

        _time.Advance(TimeSpan.FromSeconds(1));
        (await EraseAsync(store)).ShouldBe(1);
        IsOnDisk(Bytes(12)).ShouldBeFalse();
        IsOnDisk(Content(1_000_012, 12)).ShouldBeFalse();
        IsOnDisk(Bytes(13)).ShouldBeTrue();
        (await ErrorOfAsync(store, 12, includeDeleted: true)).ShouldBe(StoreError.Deleted);
        (await UndeleteAsync(store, 12, _time.GetUtcNow())).ShouldBe(StoreError.UndeleteRefused);
        await ShouldHoldAsync(store, 13, Bytes(13));

        // Once is enough, and what was erased is no damage.
        (await EraseAsync(store)).ShouldBe(0);
        (await store.ScrubAsync(1 << 20, CancellationToken.None)).Damaged.ShouldBe(0);
        _logger.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_erased_blob_is_recovered_compacted_and_purged_like_any_other()
    {
        BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 30);
        await DeleteAtAsync(store, 12, Start);
        _time.Advance(Retention + TimeSpan.FromSeconds(61));
        (await EraseAsync(store)).ShouldBe(1);
        SimDisk killed = _disk.Kill();
        await store.DisposeAsync();
        foreach (string file in killed.ListFiles($"{Folder}/index"))
        {
            killed.Delete($"{Folder}/index/{file}");
        }

        await using BlobStore again = await OpenAsync(killed, _time, Small(floor: long.MaxValue), _logger);
        again.Status.State.ShouldBe(StoreState.Running);
        (await ErrorOfAsync(again, 12)).ShouldBe(StoreError.Deleted);
        await PutManyAsync(again, 100, 20);
        CompactionResult result = await CompactAsync(again);
        result.Error.ShouldBe(StoreError.None);
        result.RecordsDropped.ShouldBe(2);
        result.RecordsDamaged.ShouldBe(0);
        (await ErrorOfAsync(again, 12)).ShouldBe(StoreError.NotFound);
    }

    [Fact]
    public async Task A_blob_of_the_tail_waits_until_its_segment_is_sealed()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 2);
        await DeleteAtAsync(store, 1, Start);
        _time.Advance(Retention + TimeSpan.FromSeconds(61));
        (await EraseAsync(store)).ShouldBe(0);
        await PutManyAsync(store, 10, 20);
        (await EraseAsync(store)).ShouldBe(1);
    }

    [Fact]
    public async Task A_blob_that_was_undeleted_in_time_is_left_alone()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 30);
        await DeleteAtAsync(store, 12, Start);
        (await UndeleteAsync(store, 12, Start)).ShouldBe(StoreError.None);
        _time.Advance(Retention * 2);
        (await EraseAsync(store)).ShouldBe(0);
        await ShouldHoldAsync(store, 12, Bytes(12));
    }

    [Fact]
    public async Task Many_are_erased_in_bounded_steps()
    {
        await using BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 60);
        for (int number = 0; number < 40; number++)
        {
            await DeleteAtAsync(store, number, Start);
        }

        _time.Advance(Retention + TimeSpan.FromSeconds(61));
        int steps = 0;
        int erased = 0;
        for (EraseStep step = default; !step.IsPassDone; steps++)
        {
            step = await store.EraseDeletedAsync(step.NextLsn, 20_000, CancellationToken.None);
            step.Error.ShouldBe(StoreError.None);
            step.Bytes.ShouldBeLessThan(45_000);
            erased += step.Erased;
        }

        erased.ShouldBe(40);
        steps.ShouldBeGreaterThan(10);
        for (int number = 40; number < 60; number++)
        {
            await ShouldHoldAsync(store, number, Bytes(number));
        }
    }

    [Fact]
    public async Task Wherever_an_erasure_is_cut_off_the_store_is_sound()
    {
        BlobStore store = await OpenAsync(_disk, _time);
        await PutManyAsync(store, 0, 30);
        for (int number = 0; number < 6; number++)
        {
            await DeleteAtAsync(store, number, Start);
        }

        await store.DisposeAsync();
        _time.Advance(Retention + TimeSpan.FromSeconds(61));
        for (int call = 1; ; call++)
        {
            SimDisk disk = _disk.Copy();
            BlobStore cut = await OpenAsync(disk, _time);
            disk.StopAtCall = disk.MutatingCalls + call;
            EraseStep step = await cut.EraseDeletedAsync(0, 1 << 20, CancellationToken.None);
            SimDisk left = call % 2 == 0 ? disk.Kill() : disk.CrashedCopy(call);
            disk.StopAtCall = null;
            await cut.DisposeAsync();
            await using BlobStore again = await OpenAsync(left, _time, logger: _logger);
            again.Status.ShouldBe(new StoreStatus(StoreState.Running), $"call {call}");
            (await again.ScrubAsync(1 << 20, CancellationToken.None)).Damaged.ShouldBe(0, $"call {call}");
            for (int number = 6; number < 30; number++)
            {
                await ShouldHoldAsync(again, number, Bytes(number));
            }

            if (step.Error == StoreError.None)
            {
                step.Erased.ShouldBe(6);
                call.ShouldBeGreaterThan(4);
                break;
            }
        }
    }

    private static async Task<int> EraseAsync(BlobStore store)
    {
        EraseStep step = await store.EraseDeletedAsync(0, 1 << 20, CancellationToken.None);
        step.Error.ShouldBe(StoreError.None);
        step.IsPassDone.ShouldBeTrue();
        return step.Erased;
    }

    private bool IsOnDisk(byte[] bytes) => _disk.ListFiles($"{Folder}/log")
        .Any(file => _disk.Contents($"{Folder}/log/{file}").AsSpan().IndexOf(bytes) >= 0);
}
