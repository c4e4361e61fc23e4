using Ambry.Store.Compaction;
using CsCheck;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>Segments of 100 MiB; what is valid in each is given in MiB.</summary>
public class CompactionPolicyTests
{
    private const long MiB = 1 << 20;
    private const long SegmentBytes = 100 * MiB;

    private static readonly StatsBasedPolicy StatsBased = new();
    private static readonly CompactAllPolicy CompactAll = new();

    [Fact]
    public void Nothing_to_gain_is_nothing_to_do()
    {
        ShouldChoose(StatsBased, null, Use([]));
        ShouldChoose(StatsBased, null, Use([100, 100, 100]));
        ShouldChoose(StatsBased, null, Use([60, 60, 81]));
        ShouldChoose(StatsBased, null, Use([90]));
        ShouldChoose(CompactAll, null, Use([100, 100, 100], capacitySegments: 4));
    }

    [Fact]
    public void An_empty_segment_goes_alone() => ShouldChoose(StatsBased, (1, 1), Use([90, 0, 90]));

    [Fact]
    public void The_run_that_copies_least_for_what_it_frees_is_chosen()
    {
        ShouldChoose(StatsBased, (2, 3), Use([45, 90, 20, 30, 95]));
        ShouldChoose(StatsBased, (0, 1), Use([10, 10, 90, 40, 50]));

        // Of runs that copy nothing, the one that frees most.
        ShouldChoose(StatsBased, (1, 3), Use([90, 0, 0, 0, 90, 0]));
    }

    [Fact]
    public void Neither_the_tail_nor_an_excluded_segment_is_compacted()
    {
        ShouldChoose(StatsBased, null, Use([100, 100], tailValid: 0));
        ShouldChoose(StatsBased, null, Use([100, 0, 100], excluded: [1]));
        ShouldChoose(StatsBased, (3, 4), Use([30, 100, 30, 40, 40], excluded: [2]));
        ShouldChoose(CompactAll, (3, 4), Use([100, 100, 0, 40, 40], excluded: [2], capacitySegments: 10));
    }

    [Fact]
    public void Compact_all_waits_until_half_of_the_capacity_is_used()
    {
        ShouldChoose(CompactAll, null, Use([0, 0, 0], capacitySegments: 9));
        ShouldChoose(CompactAll, (0, 2), Use([0, 0, 0], capacitySegments: 8));
    }

    [Fact]
    public void Compact_all_takes_everything_from_the_first_garbage_on() =>
        ShouldChoose(CompactAll, (1, 4), Use([100, 50, 100, 100, 10], capacitySegments: 10));

    [Fact]
    public void Wear_is_spared_until_the_store_is_nearly_full()
    {
        double[] valid = [85, 85, 85, 85, 85, 85, 85, 85];
        ShouldChoose(StatsBased, null, Use(valid));
        ShouldChoose(StatsBased, (0, 6), Use(valid, capacitySegments: 10));
        ShouldChoose(StatsBased, (0, 4), Use([79, 79, 79, 79, 79, 79]));
    }

    [Fact]
    public void A_thorough_one_takes_what_is_left()
    {
        ShouldChoose(StatsBasedPolicy.Thorough, (0, 0), Use([80, 95]));
        ShouldChoose(StatsBasedPolicy.Thorough, (0, 1), Use([90, 92, 100]));
        ShouldChoose(StatsBasedPolicy.Thorough, null, Use([95, 95]));
    }

    [Fact]
    public void Where_space_is_reserved_only_whole_segments_are_given_back()
    {
        StoreStatistics reserved = Use([50, 90]) with { TargetsAreWhole = true };
        ShouldChoose(StatsBasedPolicy.Thorough, null, reserved);
        ShouldChoose(StatsBasedPolicy.Thorough, (0, 1), Use([50, 45]) with { TargetsAreWhole = true });
        ShouldChoose(StatsBased, null, Use([48, 48, 97]) with { TargetsAreWhole = true });
    }

    [Fact]
    public void A_long_log_is_judged_in_runs()
    {
        double[] valid = [.. Enumerable.Repeat(99.0, 20_000)];
        valid[15_000] = 0;
        ShouldChoose(StatsBased, (15_000, 15_000), Use(valid));
    }

    // A policy is asked again after each round, so each round must free something, or it would never end.
    [Fact]
    public void Rounds_end() =>
        Gen.Select(Gen.Int[0, 100].Array[1, 30], Gen.Int[0, 2]).Sample((valid, kind) =>
        {
            ICompactionPolicy policy =
                kind == 0 ? CompactAll : kind == 1 ? StatsBased : StatsBasedPolicy.Thorough;
            List<double> held = [.. valid.Select(mib => (double)mib)];
            List<double> sizes = [.. valid.Select(_ => 100.0)];
            for (int round = 0; ; round++)
            {
                round.ShouldBeLessThan(200);
                if (policy.Choose(Use([.. held], capacitySegments: 1, sizes: [.. sizes])) is not { } range)
                {
                    break;
                }

                int first = (int)(range.FirstLsn / 10);
                int count = (int)(range.LastLsn / 10) - first + 1;
                double left = held.Skip(first).Take(count).Sum();
                held.RemoveRange(first, count);
                sizes.RemoveRange(first, count);
                for (; left > 0; left -= Math.Min(left, 96))
                {
                    held.Insert(first, Math.Min(left, 96));
                    sizes.Insert(first, Math.Min(left, 96));
                }
            }

            held.Sum().ShouldBe(valid.Sum(), 0.001);
        }, iter: 2_000);

    private static long SizeOf(double[]? sizes, int segment) =>
        sizes is not null && segment < sizes.Length ? (long)(sizes[segment] * MiB) : SegmentBytes;

    private static void ShouldChoose(ICompactionPolicy policy, (int First, int Last)? expected, StoreStatistics use) =>
        policy.Choose(use).ShouldBe(
            expected is { } run ? new CompactionRange(run.First * 10, (run.Last * 10) + 9) : null);

    /// <summary>Segment n holds LSNs 10n to 10n + 9; the tail follows.</summary>
    private static StoreStatistics Use(
        double[] valid, int[]? excluded = null, double tailValid = 50, long? capacitySegments = null,
        double[]? sizes = null)
    {
        SegmentUse[] segments =
        [
            .. valid.Append(tailValid).Select((mib, i) => new SegmentUse(
                (uint)i, i * 10, (i * 10) + 9, SizeOf(sizes, i), SizeOf(sizes, i), (long)(mib * MiB),
                IsSealed: i < valid.Length, IsExcluded: excluded?.Contains(i) ?? false)),
        ];
        return new StoreStatistics(
            Start,
            (capacitySegments ?? segments.Length * 10) * SegmentBytes,
            SegmentBytes,
            segments.Length * SegmentBytes,
            segments,
            Containers: [],
            LastLsn: 0,
            NextGarbageAt: null);
    }
}
