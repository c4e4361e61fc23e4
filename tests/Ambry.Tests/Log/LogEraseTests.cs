using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

public sealed class LogEraseTests(ITestOutputHelper output)
{
    private const byte ErasedKind = 9;
    private const string Redo = $"{Folder}/erase.redo";

    // Where the parts begin and end lies anywhere to the sectors and to the blocks of zeros.
    private static readonly int[][] Sizes = [[40, 300, 16, 9000], [40, 0, 0, 0], [0, 1, 0, 20_000], [56, 0, 7, 3001]];

    [Fact]
    public async Task An_erased_record_keeps_part_0_and_lengths_and_has_zeros_in_the_others()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(24);
        LogPosition[] chosen =
            [.. records.Where(record => record.Lsn is 1 or 2 or 3 or 7 or 8).Select(record => record.Position)];
        await log.EraseAsync(chosen, ErasedKind, default);
        disk.FileExists(Redo).ShouldBeFalse();
        await using AppendLog again = await Open(disk.Copy());
        foreach (AppendLog reader in new[] { log, again })
        {
            (await Erased(reader)).ShouldBe([1, 2, 3, 7, 8]);
        }

        int calls = disk.MutatingCalls;
        await log.EraseAsync(chosen, ErasedKind, default);
        disk.MutatingCalls.ShouldBe(calls, "all of it is done");
    }

    [Fact]
    public async Task An_erased_record_survives_a_rewrite_as_it_is()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(24);
        await log.EraseAsync([records[0].Position, records[2].Position], ErasedKind, default);
        long end = log.Segments[0].LastLsn;
        await Rewrite(log, 0, lsn => lsn != 2, end);
        await log.EraseAsync([new LogPosition(LogSegmentState.FirstCompactedNumber, 64)], ErasedKind, default);
        await using AppendLog again = await Open(disk.Kill());
        (await Erased(again)).ShouldBe([1, 3]);
    }

    [Fact]
    public async Task What_cannot_be_erased_is_refused_as_a_whole()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(24);
        LogPosition good = records[0].Position;
        int calls = disk.MutatingCalls;
        await Should.ThrowAsync<InvalidOperationException>(
            async () => await log.EraseAsync([good, records[^1].Position], ErasedKind, default));
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.EraseAsync([good, good with { Offset = 72 }], ErasedKind, default));
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await log.EraseAsync([good, new LogPosition(77, 64)], ErasedKind, default));
        await Should.ThrowAsync<ArgumentException>(async () => await log.EraseAsync([good], 0, default));
        await Should.ThrowAsync<ArgumentException>(
            async () => await log.EraseAsync(new LogPosition[EraseRedo.MaxRecords + 1], ErasedKind, default));
        await using (await log.BeginRewriteAsync(0, default))
        {
            await Should.ThrowAsync<InvalidOperationException>(
                async () => await log.EraseAsync([good], ErasedKind, default));
        }

        disk.MutatingCalls.ShouldBe(calls);
        disk.CapacityBytes = disk.ListFiles(Folder).Sum(name => disk.Contents($"{Folder}/{name}").Length);
        await Should.ThrowAsync<DiskFullException>(async () => await log.EraseAsync([good], ErasedKind, default));
        disk.CapacityBytes = long.MaxValue;
        (await Erased(log)).ShouldBeEmpty();
        await log.AppendAsync(new LogAppend(1, Parts(25)[0]), default);
        await log.EraseAsync([good], ErasedKind, default);
        (await Erased(log)).ShouldBe([1]);
    }

    [Fact]
    public async Task An_erasure_that_fails_half_way_poisons_and_is_finished_at_the_next_opening()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(24);
        int writes = 0;
        disk.WriteFault = path => path == Segment(0) && ++writes > 2 ? new IOException("broken") : null;
        await Should.ThrowAsync<IOException>(
            async () => await log.EraseAsync([records[0].Position, records[2].Position], ErasedKind, default));
        disk.WriteFault = null;
        await Should.ThrowAsync<IOException>(async () => await Append(log, 1, 10));
        await Should.ThrowAsync<IOException>(
            async () => await log.EraseAsync([records[0].Position], ErasedKind, default));
        disk.FileExists(Redo).ShouldBeTrue();
        await log.DisposeAsync();
        await using AppendLog again = await Open(disk.Kill());
        (await Erased(again)).ShouldBe([1, 3]);
    }

    [Fact]
    public void After_a_crash_at_any_call_all_of_an_erasure_is_done_or_none() => OneThread.Run(async () =>
    {
        (SimDisk start, _, List<AppendedRecord> records) = await Filled(24);
        start = start.Kill();
        LogPosition[] chosen =
            [.. records.Where(record => record.Lsn is 1 or 3 or 7).Select(record => record.Position)];
        int points = 0;
        int done = 0;
        for (bool stopped = true; stopped;)
        {
            points++;
            for (int seed = 0; seed < 8; seed++)
            {
                SimDisk disk = start.Copy();
                AppendLog log = await Open(disk);
                disk.StopAtCall = disk.MutatingCalls + points;
                stopped = await Stops(log, chosen);
                SimDisk left = seed == 0 ? disk.Kill() : disk.Crash((points * 1000) + seed);
                for (int again = 1; again < seed; again++)
                {
                    left.StopAtCall = again;
                    await TryOpen(left);
                    left = left.Crash(seed);
                }

                await using AppendLog after = await Open(left);
                left.ListFiles(Folder).ShouldNotContain("erase.redo");
                List<long> erased = await Erased(after);
                (erased is [] or [1, 3, 7]).ShouldBeTrue($"call {points}, seed {seed}: {string.Join(", ", erased)}");
                (stopped || erased.Count == 3).ShouldBeTrue($"call {points}, seed {seed}: said to be done");
                done += erased.Count / 3;
            }
        }

        output.WriteLine($"{points} crash points, 8 ways each, {done} had it done");
        points.ShouldBeGreaterThan(10);
    });

    [Fact]
    public async Task A_redo_of_a_segment_that_was_rewritten_since_is_not_applied_to_another()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(24);
        SimDisk before = disk.Copy();
        AppendLog stopped = await Open(before);
        before.WriteFault = path => path == Segment(0) ? new IOException("broken") : null;
        await Should.ThrowAsync<IOException>(
            async () => await stopped.EraseAsync([records[0].Position], ErasedKind, default));
        byte[] redo = before.Contents(Redo);
        await Rewrite(log, 0, _ => true, log.Segments[0].LastLsn);
        await log.DisposeAsync();
        disk = disk.Kill();
        disk.Open(Redo, create: true).Dispose();
        disk.Overwrite(Redo, redo);
        await using AppendLog again = await Open(disk);
        (await Erased(again)).ShouldBeEmpty();
        disk.FileExists(Redo).ShouldBeFalse();
    }

    [Fact]
    public async Task No_prefix_and_no_changed_byte_of_a_redo_file_is_taken_for_one()
    {
        var logId = new Guid("0e0d7d6c-6d0b-4f5c-8d54-0c5fb4c5a3b1");
        LogRecordHeader header = new(ErasedKind, 5, new LogPartLengths(1, 2, 3, 4), new LogPartChecksums(5, 6, 7, 8));
        ErasedRecord[] records =
            [new(new LogPosition(3, 64), header, 4), new(new LogPosition(0x80000007, 128), header with { Lsn = 9 }, 8)];
        byte[] bytes = EraseRedo.Encode(logId, records);
        EraseRedo.TryDecode(bytes, logId, out List<ErasedRecord> read).ShouldBeTrue();
        read.ShouldBe(records);
        EraseRedo.TryDecode(bytes, Guid.Empty, out _).ShouldBeFalse();
        for (int length = 0; length < bytes.Length; length++)
        {
            EraseRedo.TryDecode(bytes.AsSpan(0, length), logId, out _).ShouldBeFalse();
        }

        for (int at = 0; at < bytes.Length; at++)
        {
            for (int change = 1; change < 256; change++)
            {
                bytes[at] ^= (byte)change;
                EraseRedo.TryDecode(bytes, logId, out _).ShouldBeFalse();
                bytes[at] ^= (byte)change;
            }
        }

        (SimDisk disk, _, _) = await Filled(4);
        disk.Open(Redo, create: true).Dispose();
        disk.Overwrite(Redo, bytes.AsSpan(1));
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(disk.Copy()));
        disk.Overwrite(Redo, new byte[EraseRedo.MaxBytes + 1]);
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(disk.Copy()));
    }

    [Fact]
    public async Task A_reader_that_meets_a_half_erased_record_waits_and_reads_it_erased()
    {
        (SimDisk disk, AppendLog log, List<AppendedRecord> records) = await Filled(24);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var syncing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.SyncBegun = _ =>
        {
            if (disk.SyncBarrier is not null)
            {
                syncing.TrySetResult();
            }
        };
        disk.WriteFault = path =>
        {
            disk.SyncBarrier = path == Segment(0) ? release.Task : null;
            return null;
        };
        Task erasing = log.EraseAsync([records[2].Position], ErasedKind, default).AsTask();
        await syncing.Task;
        byte[] erased = disk.Contents(Segment(0));
        // As a reader between two writes would see it.
        disk.FlipBit(Segment(0), records[2].Position.Offset + 64 + 56 + 5, 2);
        Task<List<long>> reading = Erased(log);
        reading.IsCompleted.ShouldBeFalse();
        disk.Overwrite(Segment(0), erased);
        release.SetResult();
        await erasing;
        (await reading).ShouldBe([3]);
    }

    private static async Task<bool> Stops(AppendLog log, LogPosition[] chosen)
    {
        try
        {
            await log.EraseAsync(chosen, ErasedKind, default);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task TryOpen(SimDisk left)
    {
        try
        {
            await (await Open(left)).DisposeAsync();
        }
        catch (IOException fault) when (fault is not CorruptRecordException)
        {
            fault.Message.ShouldContain("stopped");
        }
    }

    private static byte[][] Parts(long lsn) =>
        [.. Sizes[lsn % 4].Select((size, part) => Bytes(((int)lsn * 4) + part, size))];

    private static async Task<(SimDisk Disk, AppendLog Log, List<AppendedRecord> Records)> Filled(int count)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        List<AppendedRecord> records = [];
        for (int lsn = 1; lsn <= count; lsn++)
        {
            byte[][] parts = Parts(lsn);
            records.Add(await log.AppendAsync(new LogAppend(1, parts[0], parts[1], parts[2], parts[3]), default));
        }

        return (disk, log, records);
    }

    /// <summary>Which records are erased; all others are as they were written.</summary>
    private static async Task<List<long>> Erased(AppendLog log)
    {
        List<long> erased = [];
        await foreach (LogRecord record in log.ReadFromAsync(log.FirstLsn, default))
        {
            byte[][] expected = Parts(record.Header.Lsn);
            if (record.Header.Kind == ErasedKind)
            {
                erased.Add(record.Header.Lsn);
                expected = [expected[0], .. expected[1..].Select(part => new byte[part.Length])];
            }

            ReadOnlyMemory<byte>[] parts = [record.Part0, record.Part1, record.Part2, record.Part3];
            parts.Zip(expected).All(pair => pair.First.Span.SequenceEqual(pair.Second)).ShouldBeTrue();
        }

        return erased;
    }
}
