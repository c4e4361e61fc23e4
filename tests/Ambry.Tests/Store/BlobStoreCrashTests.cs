using System.Collections.Concurrent;
using Ambry.Log;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Ambry.Tests.Store.Crash;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Store;

/// <summary>
/// The machine stops at every disk call of a script, in turn: each write, sync, rename, creation, deletion and cut.
/// What was acknowledged must be there, what was deleted must be gone, and the store must go on.
/// </summary>
public class BlobStoreCrashTests(ITestOutputHelper output)
{
    private const int Seeds = 3;

    [Fact]
    public void Nothing_acknowledged_is_lost_wherever_the_power_is_cut()
    {
        (CrashScript script, List<CrashPoint> points) = CrashPoint.Record();
        var check = new CrashCheck(script.Model);
        ForEach(points, Seeds, async (point, seed) =>
            await check.RunAsync(
                point.Disk.CrashedCopy((point.Call * 31) + seed),
                point.Mark,
                $"call {point.Call}, seed {seed}",
                livesOn: seed == point.Call % Seeds));
        output.WriteLine($"{points.Count} crash points, {points.Count * Seeds} power cuts");
        output.WriteLine($"The script's compactions: {script.Tally}");
        points.Count.ShouldBeGreaterThan(300);
        script.Tally.ShouldSatisfyAllConditions(
            tally => tally.Cycles.ShouldBeGreaterThan(5),
            tally => tally.FullTargets.ShouldBeGreaterThan(0),
            tally => tally.EmptyTargets.ShouldBeGreaterThan(0),
            tally => tally.Dropped.ShouldBeGreaterThan(20),
            tally => tally.Erased.ShouldBeGreaterThan(0));
    }

    [Fact]
    public void Nothing_acknowledged_is_lost_wherever_the_process_is_killed()
    {
        (CrashScript script, List<CrashPoint> points) = CrashPoint.Record();
        var check = new CrashCheck(script.Model);
        ForEach(points, 1, async (point, _) =>
            await check.RunAsync(point.Disk.Fork(), point.Mark, $"kill at call {point.Call}"));
        output.WriteLine($"{points.Count} kill points");
    }

    [Fact]
    public void A_second_power_cut_during_recovery_loses_nothing_either()
    {
        (CrashScript script, List<CrashPoint> points) = CrashPoint.Record();
        var check = new CrashCheck(script.Model);
        ConcurrentBag<int> calls = [];
        ForEach([.. points.Where(point => point.Call % 9 == 3)], 1, async (point, _) =>
        {
            SimDisk first = point.Disk.CrashedCopy(point.Call);
            List<SimDisk> second = [];
            SimDisk opening = first.Fork();
            opening.CallBegun = call => second.Add(opening.CrashedCopy(call));
            await check.OpenOnlyAsync(opening, point.Mark, $"call {point.Call}");
            opening.CallBegun = null;
            calls.Add(second.Count);
            for (int i = 0; i < second.Count; i++)
            {
                string when = $"call {point.Call}, then call {i + 1} of the recovery";
                await check.RunAsync(second[i], point.Mark, when, livesOn: i % 4 == 0);
            }
        });
        output.WriteLine($"{calls.Sum()} second power cuts after {calls.Count} first ones");
        calls.Sum().ShouldBeGreaterThan(100);
    }

    [Fact]
    public void In_interval_mode_a_power_cut_takes_a_suffix_at_most()
    {
        (CrashScript script, List<CrashPoint> points) = CrashPoint.Record(DurabilityMode.Interval);
        var check = new CrashCheck(script.Model, DurabilityMode.Interval);
        ForEach(points, Seeds, async (point, seed) =>
            await check.RunAsync(
                point.Disk.CrashedCopy((point.Call * 31) + seed),
                point.Mark,
                $"call {point.Call}, seed {seed}",
                suffixMayBeLost: true,
                livesOn: seed == point.Call % Seeds));
        ForEach(points, 1, async (point, _) =>
            await check.RunAsync(point.Disk.Fork(), point.Mark, $"kill at call {point.Call}", livesOn: false));
        output.WriteLine($"{points.Count} crash points in interval mode");
        points.Count.ShouldBeGreaterThan(100);
    }

    /// <summary>A disk that fails from some call on, under a process that lives.</summary>
    [Fact]
    public void Nothing_acknowledged_is_lost_wherever_the_disk_fails_for_good()
    {
        int calls = CrashPoint.Record().Points[^1].Call;
        Parallel.For(1, calls, call =>
        {
            var disk = new SimDisk { StopAtCall = call };
            var script = new CrashScript(disk);
            OneThread.Run(() => RunToTheStopAsync(script));
            var check = new CrashCheck(script.Model);
            OneThread.Run(() => check.RunAsync(disk.Crash(call), script.Mark(), $"failure at call {call}"));
        });
        output.WriteLine($"{calls} calls");
    }

    private static async Task RunToTheStopAsync(CrashScript script)
    {
        try
        {
            await script.RunAsync();
        }
        catch (IOException)
        {
            // A store that is closed when the disk stops says nothing.
            return;
        }
    }

    private static void ForEach(List<CrashPoint> points, int seeds, Func<CrashPoint, int, Task> check) =>
        Parallel.For(0, points.Count * seeds, i =>
            OneThread.Run(() => check(points[i / seeds], i % seeds)));
}
