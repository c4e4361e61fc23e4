using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Store.Crash;

/// <summary>The crash tests can fail: a sync that is left out, where one is needed, is found.</summary>
public class PlantedFaultTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("records", 1)]
    [InlineData("names of segments", 1)]
    [InlineData("compacted segments", 1)]
    [InlineData("the manifest", 1)]
    [InlineData("the redo of an erasure", 2)]
    public void A_sync_that_is_left_out_is_found(string which, int seeds)
    {
        (CrashScript script, List<CrashPoint> points) = CrashPoint.Record(
            wrap: disk => new ForgetfulDisk(disk, IgnoresFile(which), IgnoresFolder(which)));
        var check = new CrashCheck(script.Model);
        int found = 0;
        string? first = null;
        Parallel.For(0, points.Count * seeds, i =>
        {
            CrashPoint point = points[i / seeds];
            string? wrong = TryCheck(check, point, i % seeds);
            if (wrong is not null)
            {
                Interlocked.Increment(ref found);
                Interlocked.CompareExchange(ref first, wrong, null);
            }
        });
        output.WriteLine($"{found} of {points.Count * seeds} power cuts find it, such as: {first}");
        found.ShouldBeGreaterThan(0);
    }

    private static string? TryCheck(CrashCheck check, CrashPoint point, int seed)
    {
        try
        {
            string when = $"call {point.Call}, seed {seed}";
            OneThread.Run(() => check.RunAsync(point.Disk.CrashedCopy((point.Call * 31) + seed), point.Mark, when));
            return null;
        }
        catch (Exception fault) when (fault is ShouldAssertException or IOException or InvalidOperationException)
        {
            return fault.Message;
        }
    }

    private static Func<string, bool> IgnoresFile(string which) => which switch
    {
        "records" => path => path.Contains("/log/0", StringComparison.Ordinal),
        "compacted segments" => path => path.Contains("/log/2147", StringComparison.Ordinal),
        "the manifest" => path => path.Contains("/log/manifest", StringComparison.Ordinal),
        "the redo of an erasure" => path => path.Contains("/log/erase.redo", StringComparison.Ordinal),
        _ => _ => false,
    };

    private static Func<string, bool> IgnoresFolder(string which) => which switch
    {
        "names of segments" => path => path.EndsWith("/log", StringComparison.Ordinal),
        _ => _ => false,
    };
}
