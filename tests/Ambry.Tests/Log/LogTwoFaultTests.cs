using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

/// <summary>
/// The process is killed, or its log fails and is opened anew, and then the power is cut: what the opening between the
/// two has seen need not be on the disk, and what it did in consequence may be.
/// </summary>
public sealed class LogTwoFaultTests
{
    private const int Size = 15_000;
    private const byte ErasedKind = 9;

    [Fact]
    public void A_power_cut_while_a_killed_rewrite_is_tidied_up_loses_nothing() => OneThread.Run(async () =>
    {
        var start = new SimDisk();
        AppendLog first = await Open(start);
        await Append(first, 12, Size);
        start = start.Kill();
        List<long> before = [.. Enumerable.Range(1, 12).Select(lsn => (long)lsn)];
        List<long> after = [.. before.Where(lsn => lsn is 2 or 3 || lsn > 8)];
        await KillThenCut(start, log => Rewrite(log, 0, lsn => lsn is 2 or 3, 8), async (log, at) =>
        {
            List<long> lsns = await Lsns(log);
            (lsns.SequenceEqual(before) || lsns.SequenceEqual(after)).ShouldBeTrue($"{at}: {string.Join(", ", lsns)}");
        });
    });

    [Fact]
    public void A_power_cut_while_a_killed_erasure_is_finished_leaves_all_or_none() => OneThread.Run(async () =>
    {
        var start = new SimDisk();
        AppendLog first = await Open(start);
        List<LogPosition> positions = [];
        for (int i = 0; i < 12; i++)
        {
            LogAppend record = new(1, Bytes(i, 40), Bytes(i + 100, 300), Bytes(i + 200, 16), Bytes(i + 300, Size));
            positions.Add((await first.AppendAsync(record, default)).Position);
        }

        start = start.Kill();
        LogPosition[] chosen = [positions[0], positions[2]];
        await KillThenCut(start, log => log.EraseAsync(chosen, ErasedKind, default).AsTask(), async (log, at) =>
        {
            List<long> erased = [];
            int records = 0;
            await foreach (LogRecord record in log.ReadFromAsync(1, default))
            {
                records++;
                if (record.Header.Kind == ErasedKind)
                {
                    erased.Add(record.Header.Lsn);
                }
            }

            records.ShouldBe(12, at);
            (erased is [] or [1, 3]).ShouldBeTrue($"{at}: {string.Join(", ", erased)}");
        });
    });

    [Fact]
    public void A_power_cut_while_a_file_of_the_reserve_is_used_again_leaves_no_old_bytes() => OneThread.Run(async () =>
    {
        for (int seed = 0; seed < 40; seed++)
        {
            for (int point = 1; point <= 8; point++)
            {
                var disk = new SimDisk();
                AppendLog log = await Open(disk, Reserved());
                await Append(log, 32, Size);
                disk.ListFiles($"{Folder}/reserve").Count.ShouldBe(1);
                await Rewrite(log, 0, _ => false, log.Segments[^1].FirstLsn - 1);
                // All that was never used before, so that the next segment is one that was given back.
                await Append(log, (int)(4 - ((log.DurableLsn - log.Segments[^1].FirstLsn + 1) % 4)) % 4, Size);
                await Append(log, 4, Size);
                disk.StopAtCall = disk.MutatingCalls + point;
                long acknowledged = log.DurableLsn;
                try
                {
                    acknowledged = (await log.AppendAsync(new LogAppend(1, Bytes(1, Size)), default)).Lsn;
                }
                catch (IOException fault)
                {
                    fault.Message.ShouldContain("stopped");
                }

                await using AppendLog again = await Open(disk.Crash(seed), Reserved());
                again.DurableLsn.ShouldBeGreaterThanOrEqualTo(acknowledged, $"seed {seed}, point {point}");
                await ReadAll(again);
            }
        }
    });

    /// <summary>Kills at every call of a step, stops the next opening at every call, and cuts the power then.</summary>
    private static async Task KillThenCut(
        SimDisk start, Func<AppendLog, Task> step, Func<AppendLog, string, Task> check)
    {
        int points = 0;
        for (bool stopped = true; stopped;)
        {
            points++;
            (SimDisk killed, stopped) = await Killed(start, step, points);
            int openings = 0;
            for (bool cut = true; cut;)
            {
                openings++;
                for (int seed = 0; seed < 8; seed++)
                {
                    SimDisk disk = killed.Fork();
                    disk.StopAtCall = openings;
                    cut = !await Opens(disk);
                    await using AppendLog log = await Open(disk.Crash(seed));
                    await check(log, $"call {points}, call {openings} of the opening, seed {seed}");
                }
            }
        }

        points.ShouldBeGreaterThan(5);
    }

    private static async Task<(SimDisk Disk, bool Stopped)> Killed(
        SimDisk start, Func<AppendLog, Task> step, int point)
    {
        SimDisk disk = start.Copy();
        AppendLog log = await Open(disk);
        disk.StopAtCall = disk.MutatingCalls + point;
        try
        {
            await step(log);
            return (disk.Kill(), false);
        }
        catch (IOException)
        {
            return (disk.Kill(), true);
        }
    }

    private static async Task<bool> Opens(SimDisk disk)
    {
        try
        {
            await Open(disk);
            return true;
        }
        catch (IOException fault) when (fault is not CorruptRecordException)
        {
            return false;
        }
    }
}
