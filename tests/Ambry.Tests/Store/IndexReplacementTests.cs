using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Testing;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

public class IndexReplacementTests(ITestOutputHelper output)
{
    private const int PerSegment = 25;

    [Fact]
    public async Task Counts_and_tokens_follow_at_once_and_old_files_go()
    {
        SimDisk disk = NewDisk();
        (FakeLog log, BlobIndex index) = await FilledAsync(disk, segments: 3);
        using BlobIndex owned = index;
        IReadOnlyList<string> before = disk.ListFiles(Folder);
        await using var cycle = new IndexCycle(index, log, Compacted, 1, 40, entry => entry.Lsn is 7 or 20);
        await cycle.CopyAsync();
        await cycle.CompleteAsync();
        index.Counts.Total.ShouldBe(3 * PerSegment);
        cycle.CommitLog();
        cycle.Commit();
        index.Counts.ShouldBe(IndexCounts.Of([.. log.Records]));
        index.Counts.Total.ShouldBe((3 * PerSegment) - 38);
        disk.ListFiles(Folder).ShouldBeSubsetOf([.. before, .. disk.ListFiles(Folder)]);
        before.ShouldBeSubsetOf(disk.ListFiles(Folder), "not before the log has let go");
        await cycle.DropAsync();
        disk.ListFiles(Folder).ShouldNotContain(name => before.Take(5).Contains(name));
        (List<StoreEntry> some, long coveredTo) = await index.FindSinceAsync(0, 2, CancellationToken.None);
        some.Select(entry => entry.Lsn).ShouldBe([7L, 20L]);
        coveredTo.ShouldBe(40, "a token moves over what compaction left empty");
        (some, coveredTo) = await index.FindSinceAsync(21, 1, CancellationToken.None);
        some.Single().Lsn.ShouldBe(41);
        coveredTo.ShouldBe(41);
    }

    [Fact]
    public async Task A_cycle_that_keeps_nothing_leaves_no_file_and_a_token_moves_over_it()
    {
        SimDisk disk = NewDisk();
        (FakeLog log, BlobIndex index) = await FilledAsync(disk, segments: 3);
        await using (var cycle = new IndexCycle(index, log, Compacted, 1, 2 * PerSegment, _ => false))
        {
            await cycle.RunAsync();
        }

        var entries = new List<IndexEntry>();
        (await index.CollectSinceAsync(0, 1, entries, CancellationToken.None)).ShouldBe(51);
        entries.Single().Lsn.ShouldBe(51);
        await ReopenedIsRightAsync(disk, log, index, scans: 0);
    }

    [Fact]
    public async Task The_remainder_of_a_file_across_the_end_is_written_once_and_stays_after_restarts()
    {
        for (int last = 1; last <= 2 * PerSegment; last++)
        {
            SimDisk disk = NewDisk();
            (FakeLog log, BlobIndex index) = await FilledAsync(disk, segments: 3);
            await using (var cycle = new IndexCycle(index, log, Compacted, 1, last, entry => entry.Lsn % 3 == 0))
            {
                await cycle.RunAsync();
            }

            (await AllAsync(index)).ShouldBe(log.Records);
            await ReopenedIsRightAsync(disk, log, index, scans: 0);
        }
    }

    [Fact]
    public async Task Entries_of_a_sealed_log_segment_that_are_still_in_memory_are_replaced_too()
    {
        SimDisk disk = NewDisk();
        var log = new FakeLog();
        (BlobIndex index, _) = await RecoverAsync(disk, log, rollEntries: 100);
        for (int i = 0; i < 20; i++)
        {
            index.Add(log.Append(i));
        }

        // The new tail is empty: the index has not heard of it.
        log.Roll();
        await using (var cycle = new IndexCycle(index, log, Compacted, 1, 15, entry => entry.Lsn > 10))
        {
            await cycle.RunAsync();
        }

        (await AllAsync(index)).ShouldBe(log.Records);
        index.Add(log.Append(100));
        (await AllAsync(index)).ShouldBe(log.Records);
        await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        await ReopenedIsRightAsync(disk, log, index, scans: 0);
    }

    [Fact]
    public async Task An_abandoned_replacement_leaves_nothing_and_another_may_begin()
    {
        SimDisk disk = NewDisk();
        (FakeLog log, BlobIndex index) = await FilledAsync(disk, segments: 3);
        using BlobIndex owned = index;
        IReadOnlyList<string> before = disk.ListFiles(Folder);
        for (int step = 0; step < 3; step++)
        {
            await using (var cycle = new IndexCycle(index, log, Compacted, 1, 40, entry => entry.Lsn % 2 == 0))
            {
                Should.Throw<InvalidOperationException>(() => index.BeginReplacement(1));
                await (step > 0 ? cycle.CopyAsync() : Task.CompletedTask);
                await (step > 1 ? cycle.CompleteAsync() : default);
            }

            disk.ListFiles(Folder).ShouldBe(before);
            (await AllAsync(index)).ShouldBe(log.Records);
            await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
            before = disk.ListFiles(Folder);
        }
    }

    [Fact]
    public async Task A_full_disk_ends_a_replacement_and_nothing_else()
    {
        SimDisk disk = NewDisk();
        (FakeLog log, BlobIndex index) = await FilledAsync(disk, segments: 3);
        using BlobIndex owned = index;
        disk.CapacityBytes = 0;
        await using (var cycle = new IndexCycle(index, log, Compacted, 1, 40, _ => true))
        {
            await Should.ThrowAsync<DiskFullException>(cycle.CopyAsync);
        }

        await using (var cycle = new IndexCycle(index, log, Compacted, 1, 40, _ => false))
        {
            await cycle.CopyAsync();
            await Should.ThrowAsync<DiskFullException>(async () => await cycle.CompleteAsync());
        }

        disk.CapacityBytes = long.MaxValue;
        await using (var cycle = new IndexCycle(index, log, Compacted, 1, 40, entry => entry.Lsn % 2 == 0))
        {
            await cycle.RunAsync();
        }

        (await AllAsync(index)).ShouldBe(log.Records);
        await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
    }

    [Fact]
    public async Task A_damaged_file_across_the_end_is_made_anew_before_its_remainder_is_taken()
    {
        SimDisk disk = NewDisk();
        (FakeLog log, BlobIndex index) = await FilledAsync(disk, segments: 3);
        using BlobIndex owned = index;
        await using var cycle = new IndexCycle(index, log, Compacted, 1, 28, entry => entry.Lsn % 2 == 0);
        await cycle.CopyAsync();
        disk.FlipBit($"{Folder}/{new IndexFileName(26, 1)}", IndexPage.Bytes + 50, 2);
        await cycle.CompleteAsync();
        index.RebuiltFiles.ShouldBe(1);
        cycle.CommitLog();
        cycle.Commit();
        await cycle.DropAsync();
        (await AllAsync(index)).ShouldBe(log.Records);
    }

    [Fact]
    public async Task A_look_up_during_a_replacement_answers_as_before_it_or_as_after_it()
    {
        const int Runs = 300;
        int restarted = 0;
        for (int seed = 0; seed < Runs; seed++)
        {
            // Away from the runner's synchronisation context: what a read wakes runs before LetGo returns.
            int run = seed;
            restarted += await Task.Run(() => RunInterleavedAsync(new Random(run), $"seed {run}"));
        }

        output.WriteLine($"{restarted} look-ups of {Runs} runs were under way when the files were switched");
        restarted.ShouldBeGreaterThan(Runs);
    }

    private static async Task<int> RunInterleavedAsync(Random random, string run)
    {
        SimDisk disk = NewDisk();
        (FakeLog log, BlobIndex filled) = await FilledAsync(disk, segments: 3);
        await filled.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        filled.Dispose();
        var held = new HeldReadsDisk(disk);
        using BlobIndex index = await OpenAsync(held, log);
        IndexEntry[] before = [.. log.Records];
        await using var cycle = new IndexCycle(index, log, Compacted, 1, 40, entry => entry.Lsn % 2 == 0);
        await cycle.CopyAsync();

        held.HoldsReads = true;
        var answers = new List<(int Number, Task<IndexEntry?> Found, bool AfterSwitch)>();
        var scans = new List<Task<List<IndexEntry>>>();
        Queue<Func<ValueTask>> steps = new(
        [
            cycle.CompleteAsync,
            () => Done(cycle.CommitLog),
            () => Done(cycle.Commit),
            cycle.DropAsync,
        ]);
        int underWay = 0;
        Task step = Task.CompletedTask;
        while (answers.Count < 40 || held.Held > 0 || steps.Count > 0 || !step.IsCompleted)
        {
            switch (random.Next(4))
            {
                case 0 when answers.Count < 40:
                    int number = random.Next(1, (3 * PerSegment) + 5);
                    answers.Add((
                        number,
                        index.FindAsync(StoreKit.Id(number), null, CancellationToken.None).AsTask(),
                        steps.Count <= 1 && step.IsCompleted));
                    break;
                case 1 when scans.Count < 3:
                    scans.Add(AllAsync(index));
                    break;
                case 2 when held.Held > 0:
                    held.LetGo(random.Next(held.Held));
                    break;
                case 3 when steps.Count > 0 && step.IsCompleted:
                    await step;
                    underWay += steps.Count == 2 ? answers.Count(answer => !answer.Found.IsCompleted) : 0;
                    step = steps.Dequeue()().AsTask();
                    break;
                default:
                    break;
            }
        }

        await step;
        await CheckAnswersAsync(answers, before, cycle, run);
        await CheckScansAsync(scans, before, log, run);
        return underWay;
    }

    /// <summary>Each answer is the old one or the new one; begun after the switch, the new one.</summary>
    private static async Task CheckAnswersAsync(
        List<(int Number, Task<IndexEntry?> Found, bool AfterSwitch)> answers,
        IndexEntry[] before,
        IndexCycle cycle,
        string run)
    {
        Dictionary<int, IndexEntry> kept = cycle.Kept.ToDictionary(entry => (int)entry.Lsn);
        foreach ((int number, Task<IndexEntry?> task, bool afterSwitch) in answers)
        {
            IndexEntry? found = await task;
            IndexEntry? old = number <= before.Length ? before[number - 1] : null;
            IndexEntry? now = number > 40 ? old : kept.TryGetValue(number, out IndexEntry moved) ? moved : null;
            (found == now || (found == old && !afterSwitch)).ShouldBeTrue($"{run}: id {number} answered {found}");
        }
    }

    private static async Task CheckScansAsync(
        List<Task<List<IndexEntry>>> scans, IndexEntry[] before, FakeLog log, string run)
    {
        foreach (Task<List<IndexEntry>> scan in scans)
        {
            List<IndexEntry> all = await scan;
            (all.SequenceEqual(before) || all.SequenceEqual(log.Records)).ShouldBeTrue($"{run}: a scan mixed both");
        }
    }

    private static ValueTask Done(Action action)
    {
        action();
        return default;
    }

    private static async Task<BlobIndex> OpenAsync(IDisk disk, FakeLog log)
    {
        using var recovery = new IndexRecovery(Services(disk));
        await recovery.LoadFilesAsync(CancellationToken.None);
        return (await recovery.RunAsync(log, new Journal(1), CancellationToken.None)).Index;
    }

    /// <summary>Segments of 25 records, each of another id: its LSN. The last one is the tail.</summary>
    private static async Task<(FakeLog Log, BlobIndex Index)> FilledAsync(SimDisk disk, int segments)
    {
        var log = new FakeLog();
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        for (int i = 0; i < segments * PerSegment; i++)
        {
            if (i > 0 && i % PerSegment == 0)
            {
                log.Roll();
            }

            index.Add(log.Append(i + 1, Kind(i)));
        }

        await index.FlushAsync(checkpoint: false, log.DurableLsn, CancellationToken.None);
        return (log, index);
    }

    private static async Task ReopenedIsRightAsync(SimDisk disk, FakeLog log, BlobIndex index, int scans)
    {
        await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        index.Dispose();
        int before = log.Scans;
        (BlobIndex again, RecoveryReport report) = await RecoverAsync(disk, log);
        using BlobIndex owned = again;
        (await AllAsync(again)).ShouldBe(log.Records);
        again.Counts.ShouldBe(IndexCounts.Of([.. log.Records]));
        report.FilesDropped.ShouldBe(0);
        (log.Scans - before).ShouldBe(scans);
    }
}
