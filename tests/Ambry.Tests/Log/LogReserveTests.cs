using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

public sealed class LogReserveTests
{
    private const string Pool = $"{Folder}/reserve";
    private const long SegmentBytes = AppendLogOptions.MinSegmentBytes;

    // Of a manifest and of what is staged.
    private const long Small = 2000;

    [Fact]
    public async Task Opening_takes_the_space_of_all_segments_and_one_more()
    {
        var disk = new SimDisk { KeepsReservations = true };
        AppendLog log = await Open(disk, Reserved());
        disk.ListFiles(Pool).Count.ShouldBe(8);
        await Append(log, 9, 15_000);
        disk.ListFiles(Pool).Count.ShouldBe(6);
        await log.DisposeAsync();
        disk = disk.Kill();
        await using AppendLog again = await Open(disk, Reserved());
        disk.ListFiles(Pool).Count.ShouldBe(6);
        (await Lsns(again)).Count.ShouldBe(9);
    }

    [Fact]
    public async Task A_disk_without_the_space_is_told_at_opening()
    {
        var disk = new SimDisk { KeepsReservations = true, CapacityBytes = (9 * SegmentBytes) - 1 };
        (await Should.ThrowAsync<DiskFullException>(async () => await Open(disk, Reserved())))
            .Message.ShouldContain($"{9 * SegmentBytes} bytes");
        disk = disk.Kill();
        (disk.KeepsReservations, disk.CapacityBytes) = (true, 9 * SegmentBytes);
        await using AppendLog log = await Open(disk, Reserved());
        disk.ListFiles(Pool).Count.ShouldBe(8);
    }

    [Fact]
    public async Task A_log_on_a_full_disk_is_filled_compacted_and_filled_again()
    {
        var disk = new SimDisk { KeepsReservations = true };
        await using AppendLog log = await Open(disk, Reserved());
        // Somebody else takes everything but what is reserved.
        disk.CapacityBytes = (9 * SegmentBytes) + Small;
        for (int round = 0; round < 5; round++)
        {
            await FillUp(log);
            log.Segments.Count.ShouldBe(8);
            disk.ListFiles(Pool).Count.ShouldBe(1);
            // One in four stays: four ordinary segments become one.
            for (int i = 0; i < log.Segments.Count - 1; i++)
            {
                await Rewrite(log, log.Segments[i].Number, lsn => lsn % 4 == 0);
            }

            (disk.ListFiles(Pool).Count + log.Segments.Count).ShouldBe(9);
            log.UsedBytes.ShouldBeLessThan(6 * SegmentBytes);
            List<long> before = await Lsns(log);
            await using AppendLog copy = await Open(disk.Copy(), Reserved());
            (await Lsns(copy)).ShouldBe(before);
            await Drop(log);
        }
    }

    [Fact]
    public async Task A_file_that_is_read_comes_back_when_its_reader_lets_go()
    {
        var disk = new SimDisk { KeepsReservations = true };
        await using AppendLog log = await Open(disk, Reserved());
        await Append(log, 12, 15_000);
        await using (IAsyncEnumerator<LogRecord> reader = log.ReadFromAsync(1, default).GetAsyncEnumerator())
        {
            (await reader.MoveNextAsync()).ShouldBeTrue();
            await Rewrite(log, 0, _ => false, 8);
            disk.ListFiles(Pool).Count.ShouldBe(7);
            for (int lsn = 2; lsn <= 4; lsn++)
            {
                (await reader.MoveNextAsync()).ShouldBeTrue();
                reader.Current.Part0.ToArray().ShouldBe(Bytes(lsn, 15_000));
            }
        }

        disk.ListFiles(Pool).Count.ShouldBe(8);
    }

    [Fact]
    public async Task Truncation_with_a_reserve_gives_files_back_and_survives_a_power_cut()
    {
        for (int seed = 0; seed < 10; seed++)
        {
            var disk = new SimDisk();
            AppendLog log = await Open(disk, Reserved());
            await Append(log, 16, 15_000);
            await log.TruncateBelowAsync(9, default);
            disk.ListFiles(Pool).Count.ShouldBe(7);
            await Append(log, 8, 15_000);
            await using AppendLog again = await Open(disk.Crash(seed), Reserved());
            (await Lsns(again)).ShouldBe(Enumerable.Range(9, 16).Select(lsn => (long)lsn));
        }
    }

    [Fact]
    public async Task Without_a_reserve_what_was_reserved_is_given_back()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk, Reserved());
        await Append(log, 5, 15_000);
        await log.DisposeAsync();
        disk = disk.Kill();
        log = await Open(disk);
        disk.ListFiles(Pool).ShouldBeEmpty();
        (await Lsns(log)).Count.ShouldBe(5);
        await log.DisposeAsync();
    }

    private static async Task FillUp(AppendLog log)
    {
        while (true)
        {
            try
            {
                await Append(log, 1, 15_000);
            }
            catch (LogFullException full)
            {
                full.InnerException.ShouldBeNull("it is the log that is full, not the disk");
                return;
            }
        }
    }

    /// <summary>Leaves only the tail, so that the next round has the same room.</summary>
    private static async Task Drop(AppendLog log)
    {
        while (log.Segments.Count > 1)
        {
            await Rewrite(log, log.Segments[0].Number, _ => false);
        }
    }
}
