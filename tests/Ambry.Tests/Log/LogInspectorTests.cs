using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

public sealed class LogInspectorTests
{
    private static readonly uint First = LogSegmentState.FirstCompactedNumber;

    [Fact]
    public async Task A_folder_without_a_log_has_nothing_to_show() =>
        (await LogInspector.InspectAsync(new SimDisk(), Folder, default)).ShouldBeNull();

    [Fact]
    public async Task Segments_and_manifest_are_shown_and_nothing_is_changed()
    {
        (SimDisk disk, AppendLog log) = await Rewritten();
        disk.Open(Segment(1), create: true).Dispose();
        disk.Overwrite(Segment(1), disk.Contents(Segment(3)));
        int calls = disk.MutatingCalls;
        LogInspection shown = (await LogInspector.InspectAsync(disk, Folder, default))!;
        shown.ManifestDamage.ShouldBeNull();
        shown.HasEraseRedo.ShouldBeFalse();
        (shown.Manifest!.Through, shown.Manifest.NextCompacted).ShouldBe((2, First + 1));
        shown.Manifest.Entries.ShouldBe(
        [
            new InspectedManifestEntry(0, 1, 4, 0, 0),
            new InspectedManifestEntry(First, 5, 10, 64 + (2 * 15_064), 2),
            new InspectedManifestEntry(2, 11, 12, 0, 0),
        ]);
        shown.Segments.Select(one => (one.Number, one.Role, one.IsHeaderIntact, one.LiveFirstLsn)).ShouldBe(
        [
            (0, InspectedSegmentRole.Live, true, 1),
            (First, InspectedSegmentRole.Live, true, 5),
            (2, InspectedSegmentRole.Live, true, 11),
            (3, InspectedSegmentRole.Live, true, 13),
            (4, InspectedSegmentRole.Live, true, 17),
            (1, InspectedSegmentRole.LeftOver, false, 0),
        ]);
        shown.Segments[2].HeaderFirstLsn.ShouldBe(9);
        foreach (bool verify in new[] { false, true })
        {
            List<InspectedRecord> records = await Records(disk, shown.Segments[2], verify);
            records.Select(record => (record.Header.Lsn, record.State, record.IsLive)).ShouldBe(
            [
                (9, InspectedRecordState.Intact, false),
                (10, InspectedRecordState.Intact, false),
                (11, InspectedRecordState.Intact, true),
                (12, InspectedRecordState.Intact, true),
            ]);
        }

        disk.MutatingCalls.ShouldBe(calls);
        await log.DisposeAsync();
        (await Records(disk, shown.Segments[4], true))[^1].State.ShouldBe(InspectedRecordState.ClosingMark);
    }

    [Fact]
    public async Task Damage_is_shown_where_it_is()
    {
        (SimDisk disk, AppendLog log) = await Rewritten();
        await log.DisposeAsync();
        disk = disk.Kill();
        disk.FlipBit(Segment(0), 64 + 15_064 + 100, 1);
        disk.FlipBit(Segment(0), 64 + (2 * 15_064) + 10, 1);
        disk.Delete(Segment(3));
        disk.FlipBit(Segment(2), 5, 1);
        LogInspection shown = (await LogInspector.InspectAsync(disk, Folder, default))!;
        shown.Segments.Select(one => (one.Number, one.Role, one.IsHeaderIntact)).ShouldBe(
        [
            (0, InspectedSegmentRole.Live, true),
            (First, InspectedSegmentRole.Live, true),
            (2, InspectedSegmentRole.Live, false),
            (3, InspectedSegmentRole.Missing, false),
            (4, InspectedSegmentRole.Live, true),
        ]);
        (await Records(disk, shown.Segments[2], true)).ShouldBeEmpty();
        List<InspectedRecord> records = await Records(disk, shown.Segments[0], true);
        records.Select(record => (record.Position.Offset, record.State, record.SizeBytes)).ShouldBe(
        [
            (64u, InspectedRecordState.Intact, 15_064),
            (64u + 15_064, InspectedRecordState.DamagedPart, 15_064),
            (64u + (2 * 15_064), InspectedRecordState.DamagedHeader, 15_064),
            (64u + (3 * 15_064), InspectedRecordState.Intact, 15_064),
        ]);
        (await Records(disk, shown.Segments[0], false))[1].State.ShouldBe(InspectedRecordState.Intact);
        disk.FlipBit(Manifest, 40, 1);
        shown = (await LogInspector.InspectAsync(disk, Folder, default))!;
        shown.Manifest.ShouldBeNull();
        shown.ManifestDamage!.ShouldContain("manifest");
        shown.Segments.Count.ShouldBe(4);
    }

    private static async Task<List<InspectedRecord>> Records(SimDisk disk, InspectedSegment segment, bool verify)
    {
        List<InspectedRecord> records = [];
        await foreach (InspectedRecord record in LogInspector.ReadRecordsAsync(disk, segment, verify, default))
        {
            records.Add(record);
        }

        return records;
    }

    /// <summary>0 ordinary, 5 to 10 compacted, 2 trimmed to 11 and 12, 3 and 4 as they were.</summary>
    private static async Task<(SimDisk Disk, AppendLog Log)> Rewritten()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await Append(log, 20, 15_000);
        await Rewrite(log, 1, lsn => lsn is 6 or 10, 10);
        return (disk, log);
    }
}
