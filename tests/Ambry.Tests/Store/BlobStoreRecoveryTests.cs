using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class BlobStoreRecoveryTests(ITestOutputHelper output)
{
    private const string IndexPath = $"{Folder}/index";

    private static readonly BlobStoreOptions Small = Options(rollEntries: 10);

    [Fact]
    public async Task A_second_opener_is_told_so_and_the_first_goes_on()
    {
        var disk = new SimDisk();
        await using BlobStore first = await OpenAsync(disk);
        StoreLockedException refused = await Should.ThrowAsync<StoreLockedException>(async () => await OpenAsync(disk));
        refused.Message.ShouldContain(Folder);
        (await PutAsync(first, 1, [1])).ShouldBe(StoreError.None);
        await first.DisposeAsync();
        await using BlobStore second = await OpenAsync(disk);
        await ShouldHoldAsync(second, 1, [1]);
        second.IncarnationId.ShouldBe(first.IncarnationId);
    }

    [Fact]
    public async Task A_folder_of_another_partition_or_without_its_descriptor_is_refused_and_let_go()
    {
        SimDisk disk = await FilledAsync(5);
        var other =
            new BlobStoreOptions { PartitionId = new PartitionId(8), CapacityBytes = 1 << 20, SegmentBytes = 1 << 20 };
        await Should.ThrowAsync<StoreFormatException>(async () => await OpenAsync(disk, other));
        disk.FlipBit($"{Folder}/store.descriptor", 20, 0);
        await Should.ThrowAsync<StoreFormatException>(async () => await OpenAsync(disk));
        disk.FlipBit($"{Folder}/store.descriptor", 20, 0);
        await using (BlobStore store = await OpenAsync(disk))
        {
            store.PutCount.ShouldBe(5);
        }

        disk.Delete($"{Folder}/store.descriptor");
        await Should.ThrowAsync<StoreFormatException>(async () => await OpenAsync(disk));
    }

    [Fact]
    public async Task A_clean_restart_scans_no_record()
    {
        SimDisk disk = await FilledAsync(95);
        long read = 0;
        disk.ReadFault = path =>
        {
            read += path.StartsWith($"{Folder}/log", StringComparison.Ordinal) ? 1 : 0;
            return null;
        };
        await using BlobStore store = await OpenAsync(disk, Small);
        output.WriteLine($"{read} reads of the log");
        read.ShouldBeLessThan(10);
        disk.ReadFault = null;
        await ShouldHoldAllAsync(store, 95);
    }

    [Fact]
    public async Task Damaged_or_missing_index_files_are_made_anew()
    {
        SimDisk original = await FilledAsync(95);
        IReadOnlyList<string> names = original.ListFiles(IndexPath);
        names.Count.ShouldBe(10);
        for (int i = 0; i <= names.Count; i++)
        {
            SimDisk disk = original.Copy();
            IEnumerable<string> victims = i < names.Count ? [names[i]] : names;
            foreach (string name in victims)
            {
                if (i % 2 == 0)
                {
                    disk.FlipBit($"{IndexPath}/{name}", 5000 + i, 1);
                }
                else
                {
                    disk.Delete($"{IndexPath}/{name}");
                }
            }

            await using (BlobStore store = await OpenAsync(disk, Small))
            {
                store.Status.State.ShouldBe(StoreState.Running);
                store.PutCount.ShouldBe(95);
                await ShouldHoldAllAsync(store, 95);
                StoreEntries all = await store.FindSinceAsync(0, 1000, CancellationToken.None);
                all.Entries.Select(entry => entry.Lsn).ShouldBe(Enumerable.Range(1, 95).Select(lsn => (long)lsn));
            }

            disk.ListFiles(IndexPath).ShouldBe(names);
        }
    }

    [Fact]
    public async Task A_dropped_index_file_does_not_come_back_with_a_power_cut()
    {
        SimDisk original = await FilledAsync(95);
        string newest = original.ListFiles(IndexPath)[^1];
        for (int seed = 0; seed < 20; seed++)
        {
            SimDisk disk = original.Copy();
            disk.FlipBit($"{IndexPath}/{newest}", 5000, 1);
            await using BlobStore store = await OpenAsync(disk, Small);
            disk.CrashedCopy(seed).FileExists($"{IndexPath}/{newest}").ShouldBeFalse($"seed {seed}");
            await ShouldHoldAllAsync(store, 95);
        }
    }

    [Fact]
    public async Task Damage_in_the_middle_of_the_log_quarantines_the_store()
    {
        SimDisk disk = await FilledAsync(30);
        foreach (string name in disk.ListFiles(IndexPath))
        {
            disk.Delete($"{IndexPath}/{name}");
        }

        disk.FlipBit(LogFile(disk), Find(disk, LogFile(disk), Content(12, 1200)), 0);
        int bytes = disk.Contents(LogFile(disk)).Length;
        var logger = new RecordingLogger();
        await using BlobStore store = await BlobStore.OpenAsync(
            Small, disk, Folder, new FakeTimeProvider(Start), logger, CancellationToken.None);
        store.Status.State.ShouldBe(StoreState.Quarantined);
        store.Status.Reason.ShouldNotBeNullOrEmpty();
        logger.Errors.ShouldNotBeEmpty();
        (await PutAsync(store, 99, [1])).ShouldBe(StoreError.Unavailable);
        (await DeleteAsync(store, 1)).ShouldBe(StoreError.Unavailable);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Unavailable);
        (await store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.Unavailable);
        (await store.FindSinceAsync(0, 1, CancellationToken.None)).Error.ShouldBe(StoreError.Unavailable);
        disk.Contents(LogFile(disk)).Length.ShouldBe(bytes, "nothing is cut off");
    }

    [Fact]
    public async Task A_log_that_ends_before_its_index_quarantines_the_store()
    {
        SimDisk disk = await FilledAsync(30);
        byte[] log = disk.Contents(LogFile(disk));
        disk.Overwrite(LogFile(disk), log.AsSpan(0, Find(disk, LogFile(disk), Content(29, 2900)) - 10));
        await using BlobStore store = await OpenAsync(disk, Small);
        store.Status.State.ShouldBe(StoreState.Quarantined);
    }

    [Fact]
    public async Task A_failed_sync_fails_the_store_without_an_exception_and_a_restart_heals_it()
    {
        var disk = new SimDisk();
        BlobStore store = await OpenAsync(disk);
        await PutAsync(store, 1, [1]);
        disk.SyncFault = _ => new IOException("the device is gone");
        (await PutAsync(store, 2, [2])).ShouldBe(StoreError.Unavailable);
        disk.SyncFault = null;
        store.Status.State.ShouldBe(StoreState.Failed);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Unavailable);
        (await PutAsync(store, 3, [3])).ShouldBe(StoreError.Unavailable);
        await store.DisposeAsync();
        await using BlobStore again = await OpenAsync(disk);
        await ShouldHoldAsync(again, 1, [1]);
        (await ErrorOfAsync(again, 3)).ShouldBe(StoreError.NotFound);
    }

    [Fact]
    public async Task A_failed_read_fails_the_store()
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenAsync(disk);
        await PutAsync(store, 1, [1]);
        disk.ReadFault = _ => new IOException("unreadable sector");
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Unavailable);
        store.Status.State.ShouldBe(StoreState.Failed);
    }

    [Fact]
    public async Task An_index_file_that_cannot_be_read_is_made_anew_from_the_log()
    {
        SimDisk disk = await FilledAsync(95);
        string bad = $"{IndexPath}/{disk.ListFiles(IndexPath)[0]}";
        disk.ReadFault = path => path == bad ? new DiskException(DiskFault.Device, "unreadable sector", null) : null;
        await using BlobStore store = await OpenAsync(disk, Small);
        disk.ReadFault = null;
        await ShouldHoldAllAsync(store, 95);
        int left = 3;
        disk.ReadFault = path => path.StartsWith(IndexPath, StringComparison.Ordinal) && --left >= 0
            ? new DiskException(DiskFault.Device, "unreadable sector", null)
            : null;
        await ShouldHoldAllAsync(store, 95);
        left.ShouldBeLessThan(0);
        store.Status.State.ShouldBe(StoreState.Running);
        disk.ReadFault = _ => new DiskException(DiskFault.Device, "dead", null);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Unavailable);
        store.Status.State.ShouldBe(StoreState.Failed);
    }

    [Fact]
    public async Task An_index_page_that_rots_under_a_running_store_is_made_anew_from_the_log()
    {
        SimDisk disk = await FilledAsync(95);
        byte[][] files = [.. disk.ListFiles(IndexPath).Select(name => disk.Contents($"{IndexPath}/{name}"))];
        await using BlobStore store = await OpenAsync(disk, Small);
        foreach (string name in disk.ListFiles(IndexPath).Take(9))
        {
            disk.FlipBit($"{IndexPath}/{name}", 4096 + 33, 1);
        }

        await ShouldHoldAllAsync(store, 95);
        (await ErrorOfAsync(store, 1000)).ShouldBe(StoreError.NotFound);
        store.Status.State.ShouldBe(StoreState.Running);
        store.PutCount.ShouldBe(95);
        disk.ListFiles(IndexPath).Select(name => disk.Contents($"{IndexPath}/{name}")).ShouldBe(files);
    }

    [Fact]
    public async Task An_interval_store_that_was_cut_off_opens_in_group_mode()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var disk = new SimDisk();
            BlobStore store = await OpenAsync(disk, Options(rollEntries: 3, mode: DurabilityMode.Interval));
            for (int number = 0; number < 20; number++)
            {
                await PutAsync(store, number, Content(number, 100));
            }

            await store.FlushIndexAsync(CancellationToken.None);
            SimDisk after = disk.Crash(seed);
            await store.DisposeAsync();
            await using BlobStore again = await OpenAsync(after, Options(rollEntries: 3));
            again.Status.State.ShouldBe(StoreState.Running, $"seed {seed}");
        }
    }

    [Fact]
    public async Task A_full_store_seals_then_refuses_puts_and_goes_on_reading()
    {
        var disk = new SimDisk();
        const long Capacity = 40 * 64 * 1024;
        await using BlobStore store = await OpenAsync(disk, Options(segmentBytes: 64 * 1024, capacityBytes: Capacity));
        int clients = await FillAsync(
            0,
            number => store.PutAsync(Put(number, Content(number, 15_000)), CancellationToken.None),
            StoreError.ReadOnly);
        store.IsSealed.ShouldBeTrue();
        store.UsedBytes.ShouldBeGreaterThan(Capacity * 95 / 100);
        int all = await FillAsync(
            clients,
            number => store.PutReplicatedAsync(Put(number, Content(number, 15_000)), 0, CancellationToken.None),
            StoreError.Full);
        all.ShouldBeGreaterThan(clients);
        store.Status.State.ShouldBe(StoreState.Running);
        store.UsedBytes.ShouldBeLessThanOrEqualTo(Capacity);
        for (int number = 0; number < all; number++)
        {
            await ShouldHoldAsync(store, number, Content(number, 15_000));
        }
    }

    [Fact]
    public async Task A_full_disk_refuses_puts_and_goes_on_reading_until_there_is_room()
    {
        var disk = new SimDisk { CapacityBytes = 10 * 64 * 1024 };
        await using BlobStore store = await OpenAsync(disk, Options(segmentBytes: 64 * 1024));
        int held = await FillAsync(
            0, number => store.PutAsync(Put(number, Content(number, 15_000)), CancellationToken.None), StoreError.Full);
        store.Status.State.ShouldBe(StoreState.Running);
        for (int number = 0; number < held; number++)
        {
            await ShouldHoldAsync(store, number, Content(number, 15_000));
        }

        disk.CapacityBytes = 1 << 30;
        (await PutAsync(store, 5000, [1])).ShouldBe(StoreError.None);
    }

    [Fact]
    public async Task In_interval_mode_an_index_never_runs_ahead_of_the_log()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var disk = new SimDisk();
            BlobStoreOptions interval = Options(rollEntries: 3, mode: DurabilityMode.Interval);
            BlobStore store = await OpenAsync(disk, interval);
            for (int number = 0; number < 20; number++)
            {
                (await PutAsync(store, number, Content(number, 100))).ShouldBe(StoreError.None);
            }

            await store.FlushIndexAsync(CancellationToken.None);
            SimDisk after = disk.Crash(seed);
            await store.DisposeAsync();
            await using BlobStore again = await OpenAsync(after, interval);
            again.Status.State.ShouldBe(StoreState.Running, $"seed {seed}: {again.Status.Reason}");
            again.PutCount.ShouldBe(20, "what the index knew was synced before it");
            for (int number = 0; number < again.PutCount; number++)
            {
                await ShouldHoldAsync(again, number, Content(number, 100));
            }
        }
    }

    [Fact]
    public async Task An_interval_store_whose_sync_fails_while_closing_writes_no_index_of_what_is_lost()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var disk = new SimDisk { FailedSyncForgets = true };
            BlobStoreOptions interval = Options(mode: DurabilityMode.Interval);
            BlobStore store = await OpenAsync(disk, interval);
            await PutAsync(store, 1, [1]);
            (await store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.None);
            await PutAsync(store, 2, [2]);
            string log = LogFile(disk);
            disk.SyncFault = path => path == log ? new IOException("the device is gone") : null;
            await store.DisposeAsync();
            await using BlobStore again = await OpenAsync(disk.Crash(seed), interval);
            again.Status.State.ShouldBe(StoreState.Running, $"seed {seed}: {again.Status.Reason}");
            await ShouldHoldAsync(again, 1, [1]);
        }
    }

    [Fact]
    public async Task A_look_up_among_100_000_blobs_reads_at_most_one_index_page()
    {
        const int Count = 100_000;
        const int LookUps = Count / 5;
        var disk = new SimDisk();
        await using BlobStore store = await OpenAsync(disk);
        for (int batch = 0; batch < Count; batch += 1000)
        {
            StoreError[] put =
                await Task.WhenAll(Enumerable.Range(batch, 1000).Select(number => PutAsync(store, number, [])));
            put.ShouldAllBe(error => error == StoreError.None);
        }

        await store.FlushIndexAsync(CancellationToken.None);
        int reads = 0;
        disk.ReadFault = path =>
        {
            reads += path.StartsWith(IndexPath, StringComparison.Ordinal) ? 1 : 0;
            return null;
        };
        int most = 0;
        int wrong = 0;
        for (int number = 0; number < Count; number += Count / LookUps)
        {
            int before = reads;
            wrong += await ErrorOfAsync(store, number) == StoreError.None ? 0 : 1;
            most = Math.Max(most, reads - before);
        }

        for (int number = Count; number < Count + LookUps; number++)
        {
            int before = reads;
            wrong += await ErrorOfAsync(store, number) == StoreError.NotFound ? 0 : 1;
            most = Math.Max(most, reads - before);
        }

        output.WriteLine(
            $"{reads} index reads for {2 * LookUps} look-ups, half of absent blobs; at most {most} for one");
        wrong.ShouldBe(0);
        most.ShouldBe(1);
        reads.ShouldBeInRange(LookUps * 8 / 10, LookUps + 10);
    }

    private static async Task<SimDisk> FilledAsync(int count)
    {
        var disk = new SimDisk();
        await using BlobStore store = await OpenAsync(disk, Small);
        for (int number = 0; number < count; number++)
        {
            (await PutAsync(store, number, Content(number, number * 100))).ShouldBe(StoreError.None);
        }

        return disk;
    }

    private static async Task ShouldHoldAllAsync(BlobStore store, int count)
    {
        for (int number = 0; number < count; number++)
        {
            await ShouldHoldAsync(store, number, Content(number, number * 100));
        }
    }

    /// <summary>Puts until one is refused, for the reason given; the number of the one refused.</summary>
    private static async Task<int> FillAsync(int from, Func<int, ValueTask<StoreError>> put, StoreError refusal)
    {
        for (int number = from; number < from + 1000; number++)
        {
            StoreError error = await put(number);
            if (error != StoreError.None)
            {
                error.ShouldBe(refusal);
                return number;
            }
        }

        throw new InvalidOperationException("It never filled up.");
    }
}
