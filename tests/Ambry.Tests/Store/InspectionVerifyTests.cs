using Ambry.Log;
using Ambry.Store;
using Ambry.Store.Inspection;
using Ambry.Testing;
using Ambry.Tests.Samples;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Store;

/// <summary>A whole store is right, and nothing of it can change unseen.</summary>
public sealed class InspectionVerifyTests
{
    private const string Folder = SamplesV1.StoreFolder;
    private const int Seed = 20_263;

    [Fact]
    public async Task A_closed_store_is_right()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        int calls = disk.MutatingCalls;

        VerifyReport report = await InspectionKit.ShouldBeRightAsync(disk, Folder);

        disk.MutatingCalls.ShouldBe(calls);
        report.Notes.ShouldBeEmpty();
        report.Descriptor.ShouldNotBeNull().Incarnation.ShouldBe(SamplesV1.Incarnation);
        VerifyCounts counts = report.Counts;
        (counts.FirstLsn, counts.LastLsn, counts.Records, counts.Puts, counts.Deletes).ShouldBe((1, 10, 10, 8, 2));
        (counts.Segments, counts.IndexFiles, counts.IndexEntries, counts.NotIndexed).ShouldBe((3, 3, 10, 0));
        counts.IsClosed.ShouldBeTrue();
    }

    [Fact]
    public async Task A_killed_store_is_right_and_its_torn_end_is_told()
    {
        SimDisk disk = await SampleWriter.KilledStoreAsync();

        VerifyReport report = await InspectionKit.ShouldBeRightAsync(disk, Folder);

        (report.Counts.LastLsn, report.Counts.NotIndexed, report.Counts.IsClosed).ShouldBe((5, 1, false));
        report.Notes.Single().Message.ShouldContain("record 6");
    }

    [Fact]
    public async Task A_store_in_use_is_right()
    {
        var disk = new SimDisk();
        await using BlobStore store = await SampleWriter.OpenAsync(disk);
        foreach (SampleBlob blob in SamplesV1.Closed)
        {
            (await store.PutAsync(blob.Put(), default)).ShouldBe(StoreError.None);
            VerifyReport report = await InspectionKit.ShouldBeRightAsync(disk, Folder);
            report.Counts.Records.ShouldBe(store.LastLsn);
            report.Notes.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_new_store_is_right()
    {
        var disk = new SimDisk();
        await using BlobStore store = await SampleWriter.OpenAsync(disk);

        VerifyReport report = await InspectionKit.ShouldBeRightAsync(disk, Folder);

        report.Counts.Records.ShouldBe(0);
    }

    /// <summary>
    /// One changed byte anywhere a closed store relies on is damage. The closing mark alone is none: without it the store
    /// counts as killed, which is told.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Any_changed_byte_is_found(bool isCompacted)
    {
        SimDisk whole = isCompacted ? await CompactedSample.ClosedAsync() : await SampleWriter.ClosedStoreAsync();
        (string File, int From, int To, int Mark)[] files = await LiveBytesAsync(whole);
        var random = new Random(Seed);
        for (int round = 0; round < 300; round++)
        {
            (string file, int from, int to, int mark) = files[random.Next(files.Length)];
            // Half of them where there is little else than framing.
            int offset = random.Next(2) == 0
                ? random.Next(from, to)
                : to - 1 - random.Next(Math.Min(to - from, 600));
            SimDisk damaged = whole.Copy();
            damaged.FlipBit(file, offset, random.Next(8));

            VerifyReport report = await InspectionKit.VerifyAsync(damaged, Folder);

            string what = $"seed {Seed}, round {round}: {file} at {offset}";
            if (offset >= mark)
            {
                report.Notes.ShouldNotBeEmpty(what);
            }
            else
            {
                report.IsRight.ShouldBeFalse(what);
            }
        }
    }

    /// <summary>
    /// The files of a store with where what is live begins and ends in each, and where the closing mark is in the tail.
    /// </summary>
    private static async Task<(string File, int From, int To, int Mark)[]> LiveBytesAsync(SimDisk disk)
    {
        var files = new List<(string, int, int, int)>();
        LogInspection log = (await LogInspector.InspectAsync(disk, $"{Folder}/log", default)).ShouldNotBeNull();
        foreach (InspectedSegment segment in log.Segments)
        {
            (int from, int to, int mark) = (0, 0, int.MaxValue);
            await foreach (InspectedRecord record in LogInspector.ReadRecordsAsync(
                disk, segment, verifyParts: false, default))
            {
                to = (int)(record.Position.Offset + record.SizeBytes);
                from = record.IsLive ? from : to;
                mark = record.State == InspectedRecordState.ClosingMark ? (int)record.Position.Offset : mark;
            }

            files.Add((segment.Path, from, to, mark));
        }

        string[] others = [.. InspectionKit.FilesOf(disk, Folder)
            .Where(file => !file.EndsWith(".log", StringComparison.Ordinal)
                && !file.EndsWith(".tokens", StringComparison.Ordinal) && disk.Contents(file).Length > 0)];
        others.ShouldContain(file => file.EndsWith("store.descriptor", StringComparison.Ordinal));
        files.AddRange(others.Select(file => (file, 0, disk.Contents(file).Length, int.MaxValue)));
        return [.. files];
    }

    [Fact]
    public async Task Padding_counts()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        string log = $"{Folder}/log/{disk.ListFiles($"{Folder}/log")[0]}";
        // The first put: header, 56 bytes of head, 5 of metadata, 3 of padding.
        int at = 64 + 64 + 56 + 5;
        disk.Contents(log)[at..(at + 3)].ShouldAllBe(value => value == 0);
        disk.Contents(log)[at + 3].ShouldBe((byte)'A');
        disk.FlipBit(log, at + 2, 0);

        await InspectionKit.ShouldFindAsync(disk, Folder, VerifyFault.RecordDamaged);
    }

    [Fact]
    public async Task Index_files_that_are_gone_leave_a_gap()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        disk.Delete($"{Folder}/index/{disk.ListFiles($"{Folder}/index")[1]}");

        await InspectionKit.ShouldFindAsync(disk, Folder, VerifyFault.IndexGap);
    }

    [Fact]
    public async Task Newest_records_without_index_are_no_damage()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        disk.Delete($"{Folder}/index/{disk.ListFiles($"{Folder}/index")[2]}");

        (await InspectionKit.ShouldBeRightAsync(disk, Folder)).Counts.NotIndexed.ShouldBe(4);
    }

    [Fact]
    public async Task An_index_of_another_store_does_not_agree()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        var other = new SimDisk();
        BlobStore store = await SampleWriter.OpenAsync(other);
        foreach (int number in Enumerable.Range(50, 4))
        {
            await store.PutAsync(new SampleBlob(number, number).Put(), default);
        }

        await store.DisposeAsync();
        string name = disk.ListFiles($"{Folder}/index")[0];
        string others = other.ListFiles($"{Folder}/index")[0];
        disk.Delete($"{Folder}/index/{name}");
        await disk.WriteAtomicAsync($"{Folder}/index/{others}", other.Contents($"{Folder}/index/{others}"), default);

        VerifyReport report = await InspectionKit.VerifyAsync(disk, Folder);

        report.Damage.ShouldContain(finding => finding.Fault == VerifyFault.EntryWrong && finding.Lsn == 2
            && finding.Message.Contains("blob id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_that_lost_its_end_is_found_by_the_index()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        (string log, _, _, int mark) = (await LiveBytesAsync(disk)).Single(file => file.Mark < int.MaxValue);
        disk.Overwrite(log, disk.Contents(log).AsSpan()[..(mark - 104)]);

        await InspectionKit.ShouldFindAsync(
            disk, Folder, VerifyFault.LogEndsEarly, VerifyFault.EntryWithoutRecord);
    }

    [Fact]
    public async Task A_lost_segment_is_found()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        disk.Delete($"{Folder}/log/{disk.ListFiles($"{Folder}/log")[1]}");

        VerifyReport report = await InspectionKit.VerifyAsync(disk, Folder);

        report.Damage.ShouldContain(finding => finding.Fault == VerifyFault.SegmentMissing);
    }

    [Fact]
    public async Task A_lost_log_is_found()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        foreach (string name in disk.ListFiles($"{Folder}/log"))
        {
            disk.Delete($"{Folder}/log/{name}");
        }

        await InspectionKit.ShouldFindAsync(disk, Folder, VerifyFault.LogMissing);
    }

    [Fact]
    public async Task A_lost_descriptor_is_found()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        disk.Delete($"{Folder}/store.descriptor");

        await InspectionKit.ShouldFindAsync(disk, Folder, VerifyFault.Descriptor);
    }

    /// <summary>A record in the tail is damage if anything proves it durable; else it is the end of a killed store.</summary>
    [Theory]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task In_a_killed_store_the_last_record_alone_may_be_bad(int record, bool isDamage)
    {
        // Alone in its folder, so that the index proves nothing.
        SimDisk disk = await SampleWriter.KilledStoreAsync();
        foreach (string name in disk.ListFiles($"{Folder}/index"))
        {
            disk.Delete($"{Folder}/index/{name}");
        }

        List<InspectedRecord> records = await RecordsAsync(disk);
        records.Count.ShouldBe(6);
        disk.FlipBit($"{Folder}/log/0000000000.log", records[record].Position.Offset + 70, 1);

        VerifyReport report = await InspectionKit.VerifyAsync(disk, Folder);

        report.IsRight.ShouldBe(!isDamage);
        report.Notes.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_compaction_is_right_at_every_step()
    {
        // At each call of the cycle that changes the disk, as a tool beside the process would see it.
        SimDisk last = await CompactedSample.KilledAtAsync(int.MaxValue);
        int steps = 0;
        for (int stop = 1; ; stop++)
        {
            SimDisk disk = await CompactedSample.KilledAtAsync(stop);
            await InspectionKit.ShouldBeRightAsync(disk, Folder);
            if (disk.ListFiles($"{Folder}/log").SequenceEqual(last.ListFiles($"{Folder}/log"))
                && disk.ListFiles($"{Folder}/index").SequenceEqual(last.ListFiles($"{Folder}/index")))
            {
                break;
            }

            steps++;
        }

        steps.ShouldBeGreaterThan(10);
    }

    [Fact]
    public async Task An_erasure_is_right_at_every_step()
    {
        int steps = 0;
        int notes = 0;
        for (; await CompactedSample.KilledWhileErasingAsync(steps + 1) is { } disk; steps++)
        {
            notes += (await InspectionKit.ShouldBeRightAsync(disk, Folder)).Notes
                .Count(note => note.Message.Contains("being erased", StringComparison.Ordinal));
            string redo = $"{Folder}/log/erase.redo";
            if (disk.FileExists(redo))
            {
                disk.FlipBit(redo, 20, 1);
                (await InspectionKit.VerifyAsync(disk, Folder)).Damage
                    .ShouldContain(finding => finding.Fault == VerifyFault.EraseRedo);
            }
        }

        steps.ShouldBeGreaterThan(4);
        notes.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_manifest_that_says_something_else_is_found()
    {
        SimDisk disk = await CompactedSample.ClosedAsync();
        string log = $"{Folder}/log";
        string compacted = $"{log}/{disk.ListFiles(log).Last(name => name.StartsWith('2'))}";
        byte[] bytes = disk.Contents(compacted);
        disk.Delete($"{log}/manifest");
        (await InspectionKit.VerifyAsync(disk, Folder)).IsRight.ShouldBeFalse();

        disk = await CompactedSample.ClosedAsync();
        disk.Delete(compacted);
        VerifyReport report = await InspectionKit.VerifyAsync(disk, Folder);
        string shown = compacted[(Folder.Length + 1)..];
        report.Damage.ShouldContain(finding =>
            finding.Fault == VerifyFault.SegmentMissing && finding.File == shown);

        // The last record of the compacted segment is cut off: the manifest knows better.
        disk = await CompactedSample.ClosedAsync();
        disk.Overwrite(compacted, bytes.AsSpan(0, bytes.Length - 3000));
        report = await InspectionKit.VerifyAsync(disk, Folder);
        report.Damage.ShouldContain(finding => finding.Lsn == 7 || finding.Fault == VerifyFault.RecordMissing);
    }

    [Fact]
    public async Task Findings_that_do_not_repeat_are_no_damage()
    {
        SimDisk disk = await SampleWriter.ClosedStoreAsync();
        string log = $"{Folder}/log/{disk.ListFiles($"{Folder}/log")[0]}";
        disk.FlipBit(log, 500, 1);
        int reads = 0;
        disk.ReadFault = path =>
        {
            // Somebody repairs the file between the first look and the second, which both begin with the descriptor.
            if (path.EndsWith("descriptor", StringComparison.Ordinal) && ++reads == 2)
            {
                disk.FlipBit(log, 500, 1);
            }

            return null;
        };

        (await InspectionKit.VerifyAsync(disk, Folder)).IsRight.ShouldBeTrue();
    }

    [Fact]
    public async Task A_large_store_takes_little_memory()
    {
        var disk = new SimDisk();
        const int Blobs = 48;
        var options = new BlobStoreOptions
        {
            PartitionId = SampleBlob.Partition, CapacityBytes = 256L << 20, SegmentBytes = 16L << 20,
        };
        BlobStore store = await BlobStore.OpenAsync(
            options, disk, Folder, TimeProvider.System, NullLogger, default);
        var template = new SampleBlob(1, 2 << 20);
        for (int i = 0; i < Blobs; i++)
        {
            SampleBlob blob = template with { Number = i + 1 };
            (await store.PutAsync(blob.Put() with { Content = template.Content }, default)).ShouldBe(StoreError.None);
        }

        await store.DisposeAsync();
        await InspectionKit.ShouldBeRightAsync(disk, Folder);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var seen = new List<VerifyProgress>();

        VerifyReport report = await StoreVerifier.VerifyAsync(
            disk, InspectionKit.PlaceOf(Folder), new Collector(seen), default);

        (report.IsRight, report.Counts.Records).ShouldBe((true, Blobs));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(16 << 20);
        seen.Count.ShouldBeGreaterThan(Blobs / 2);
        seen[^1].BytesRead.ShouldBeInRange(Blobs * (2L << 20), seen[^1].BytesTotal);
    }

    private static Microsoft.Extensions.Logging.ILogger NullLogger =>
        Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    private static async Task<List<InspectedRecord>> RecordsAsync(SimDisk disk)
    {
        LogInspection? log = await LogInspector.InspectAsync(disk, $"{Folder}/log", default);
        var records = new List<InspectedRecord>();
        await foreach (InspectedRecord record in LogInspector.ReadRecordsAsync(
            disk, log!.Segments.Single(), verifyParts: true, default))
        {
            records.Add(record);
        }

        return records;
    }

    private sealed class Collector(List<VerifyProgress> seen) : IProgress<VerifyProgress>
    {
        public void Report(VerifyProgress value) => seen.Add(value);
    }
}
