using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

public class IndexRecoveryTests
{
    [Fact]
    public async Task A_file_outside_the_live_range_of_its_segment_is_dropped()
    {
        SimDisk disk = NewDisk();
        FakeLog log = Log(30);
        log.Roll();
        Append(log, 5);
        log.Commit(Compacted, 1, 12, [.. log.Records.Where(entry => entry.Lsn is 3 or 9).Select(Moved)]);
        IndexEntry[] old = [.. Log(30).Records];
        (await WriteAsync(disk, old[..10])).Dispose();
        (await WriteAsync(disk, old[10..20])).Dispose();
        (await WriteAsync(disk, old[20..25])).Dispose();
        (await WriteAsync(disk, old[22..30])).Dispose();
        (await WriteAsync(disk, Entry(1, 1, segment: Compacted + 1))).Dispose();
        (BlobIndex index, RecoveryReport report) = await RecoverAsync(disk, log);
        using BlobIndex owned = index;
        report.FilesLoaded.ShouldBe(1);
        report.FilesDropped.ShouldBe(4);
        (await AllAsync(index)).ShouldBe(log.Records);
        disk.FileExists($"{Folder}/{new IndexFileName(21, 0)}").ShouldBeTrue();
    }

    [Fact]
    public async Task Gaps_are_filled_each_with_files_of_its_own_segment()
    {
        FakeLog log = Log(30);
        log.Roll();
        Append(log, 30);
        log.Commit(Compacted, 1, 20, [.. log.Records.Where(entry => entry.Lsn is 3 or 9).Select(Moved)]);
        for (int missing = 0; missing < 16; missing++)
        {
            SimDisk disk = NewDisk();
            (BlobIndex made, _) = await RecoverAsync(disk, log);
            await made.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
            made.Dispose();
            IReadOnlyList<string> names = disk.ListFiles(Folder);
            names.Count.ShouldBe(5);
            foreach (string name in names.Where((_, i) => (missing & (1 << i)) != 0))
            {
                disk.Delete($"{Folder}/{name}");
            }

            (BlobIndex index, _) = await RecoverAsync(disk, log);
            using BlobIndex owned = index;
            (await AllAsync(index)).ShouldBe(log.Records);
            await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
            disk.ListFiles(Folder).ShouldBe(names);
        }
    }

    [Fact]
    public async Task A_segment_without_records_is_not_scanned_at_every_start()
    {
        SimDisk disk = NewDisk();
        FakeLog log = Log(30);
        log.Roll();
        Append(log, 5);
        log.Commit(Compacted, 1, 30, [.. log.Records.Take(1).Select(Moved)]);
        log.Commit(Compacted + 1, 1, 15, []);
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        index.Dispose();
        int scans = log.Scans;
        (index, _) = await RecoverAsync(disk, log);
        using BlobIndex owned = index;
        log.Scans.ShouldBe(scans);
        (await AllAsync(index)).ShouldBe(log.Records);
    }

    [Fact]
    public async Task A_tail_of_a_header_only_begins_a_new_segment_of_the_index()
    {
        SimDisk disk = NewDisk();
        FakeLog log = Log(5);
        log.Roll();
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        using BlobIndex owned = index;
        disk.ListFiles(Folder).Count.ShouldBe(1, "the sealed segment has its file");
        index.Add(log.Append(70));
        (await AllAsync(index)).ShouldBe(log.Records);
        await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        disk.ListFiles(Folder).ShouldBe([new IndexFileName(1, 0).ToString(), new IndexFileName(6, 1).ToString()]);
    }

    [Fact]
    public async Task Tombstones_without_their_put_are_recovered_from_files_and_from_the_log()
    {
        SimDisk disk = NewDisk();
        var log = new FakeLog();
        for (int i = 0; i < 15; i++)
        {
            log.Append(i, StoreRecordKind.Delete);
        }

        for (int opening = 0; opening < 2; opening++)
        {
            (BlobIndex index, _) = await RecoverAsync(disk, log);
            using BlobIndex owned = index;
            index.Counts.ShouldBe(new IndexCounts(0, 15, 0, 0));
            (await index.FindAsync(StoreKit.Id(3), null, CancellationToken.None))!.Value.Kind
                .ShouldBe(StoreRecordKind.Delete);
            (await index.FindAsync(StoreKit.Id(3), StoreRecordKind.Put, CancellationToken.None)).ShouldBeNull();
            await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_log_that_ends_before_a_file_is_damage()
    {
        SimDisk disk = NewDisk();
        (await WriteAsync(disk, [.. Log(30).Records])).Dispose();
        await Should.ThrowAsync<CorruptRecordException>(async () => await RecoverAsync(disk, Log(29)));
        disk.ListFiles(Folder).Count.ShouldBe(1, "nothing is dropped that may tell what happened");
    }

    [Fact]
    public async Task The_hint_for_the_log_is_the_newest_record_of_an_ordinary_segment()
    {
        SimDisk disk = NewDisk();
        (await WriteAsync(disk, Entry(1, 1), Entry(2, 2))).Dispose();
        (await WriteAsync(disk, Entry(3, 9, segment: Compacted))).Dispose();
        using var recovery = new IndexRecovery(Services(disk));
        recovery.Hint.ShouldBeNull();
        await recovery.LoadFilesAsync(CancellationToken.None);
        recovery.Hint.ShouldBe(new LogRecoveryHint(2, new LogPosition(0, 16)));
    }

    [Fact]
    public async Task Damage_of_a_page_is_repaired_once_for_all_who_meet_it()
    {
        SimDisk disk = NewDisk();
        FakeLog log = await FlushedAsync(disk, 30);
        var held = new HeldReadsDisk(disk);
        using var recovery = new IndexRecovery(Services(held));
        await recovery.LoadFilesAsync(CancellationToken.None);
        (BlobIndex index, _) = await recovery.RunAsync(log, new Journal(1), CancellationToken.None);
        using BlobIndex owned = index;
        disk.FlipBit($"{Folder}/{new IndexFileName(1, 0)}", IndexPage.Bytes + 40, 1);
        held.HoldsReads = true;
        Task<IndexEntry?>[] finds =
            [.. Enumerable.Range(0, 9).Select(i => index.FindAsync(StoreKit.Id(i), null, default).AsTask())];
        held.Held.ShouldBe(9);
        held.HoldsReads = false;
        while (held.Held > 0)
        {
            held.LetGo(held.Held / 2);
        }

        IndexEntry?[] found = await Task.WhenAll(finds);
        found.Select(entry => entry!.Value.Lsn).ShouldBe(Enumerable.Range(1, 9).Select(i => (long)i));
        index.RebuiltFiles.ShouldBe(1);
        (await AllAsync(index)).ShouldBe(log.Records);
    }

    [Fact]
    public async Task A_disk_that_spoils_every_repair_is_a_fault_and_no_endless_loop()
    {
        SimDisk disk = NewDisk();
        FakeLog log = await FlushedAsync(disk, 20);
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        using BlobIndex owned = index;
        string path = $"{Folder}/{new IndexFileName(1, 0)}";
        int spoilt = 0;
        disk.ReadFault = read =>
        {
            if (read == path)
            {
                disk.FlipBit(path, IndexPage.Bytes + 40 + spoilt++, 1);
            }

            return null;
        };
        await Should.ThrowAsync<IOException>(async () => await index.FindAsync(StoreKit.Id(1), null, default));
        spoilt.ShouldBeInRange(2, 10);
        await Should.ThrowAsync<IOException>(async () => await AllAsync(index));
        disk.ReadFault = null;
        (await AllAsync(index)).ShouldBe(log.Records);
    }

    [Fact]
    public async Task A_page_that_neither_the_log_can_restore_is_a_fault()
    {
        SimDisk disk = NewDisk();
        FakeLog log = await FlushedAsync(disk, 20);
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        using BlobIndex owned = index;
        log.Commit(Compacted, 1, 5, []);
        disk.FlipBit($"{Folder}/{new IndexFileName(1, 0)}", IndexPage.Bytes + 40, 1);
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await index.FindAsync(StoreKit.Id(1), null, default));
    }

    [Fact]
    public async Task A_scrub_finds_damage_in_every_part_of_a_file_and_repairs_it()
    {
        SimDisk disk = NewDisk();
        FakeLog log = await FlushedAsync(disk, 30);
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        using BlobIndex owned = index;
        string path = $"{Folder}/{new IndexFileName(1, 0)}";
        byte[] valid = disk.Contents(path);
        foreach (int at in new[] { 30, IndexPage.Bytes + 10, valid.Length - 50, valid.Length - 1 })
        {
            disk.FlipBit(path, at, 1);
            long paced = 0;
            IndexScrub scrub = await index.VerifyAsync(
                (bytes, _) =>
                {
                    paced += bytes;
                    return default;
                },
                CancellationToken.None);
            scrub.ShouldBe(new IndexScrub(index.Files, paced, 1));
            disk.Contents(path).ShouldBe(valid);
        }

        (await index.VerifyAsync((_, _) => default, CancellationToken.None)).Rebuilt.ShouldBe(0);
    }

    [Fact]
    public async Task A_file_of_version_1_is_converted_and_a_damaged_one_made_anew()
    {
        FakeLog log = Log(80);
        IndexEntry[] entries = [.. log.Records];
        byte[] version1 = Version1(entries[..70]);
        for (int at = -1; at < 3 * IndexPage.Bytes; at += at < 0 ? 1 : 61)
        {
            SimDisk disk = NewDisk();
            string path = $"{Folder}/{IndexFileName.ForVersion1(1)}";
            using (IDiskFile file = disk.Open(path, create: true))
            {
                await file.WriteAsync(0, [version1], CancellationToken.None);
            }

            if (at >= 0)
            {
                disk.FlipBit(path, at, at % 8);
            }

            (BlobIndex index, RecoveryReport report) = await RecoverAsync(disk, log, rollEntries: 1000);
            using BlobIndex owned = index;
            report.RecordsScanned.ShouldBe(at < 0 ? 10 : 80, $"byte {at}");
            report.FilesDropped.ShouldBe(at < 0 ? 0 : 1, $"byte {at}");
            disk.FileExists(path).ShouldBeFalse();
            (await AllAsync(index)).ShouldBe(entries);
        }
    }

    private static FakeLog Log(int records)
    {
        var log = new FakeLog();
        Append(log, records);
        return log;
    }

    private static void Append(FakeLog log, int records)
    {
        for (int i = 0; i < records; i++)
        {
            log.Append((int)log.DurableLsn);
        }
    }

    private static async Task<FakeLog> FlushedAsync(SimDisk disk, int records)
    {
        FakeLog log = Log(records);
        (BlobIndex index, _) = await RecoverAsync(disk, log);
        await index.FlushAsync(checkpoint: true, log.DurableLsn, CancellationToken.None);
        index.Dispose();
        return log;
    }

    private static IndexEntry Moved(IndexEntry entry) =>
        entry with { Position = new LogPosition(Compacted, (uint)entry.Lsn * 128) };

    /// <summary>A file of version 1 as docs/formats.md draws it.</summary>
    private static byte[] Version1(IndexEntry[] entries)
    {
        int pages = (entries.Length + IndexPage.EntriesPerPage - 1) / IndexPage.EntriesPerPage;
        int words = (entries.Length + 1) / 2;
        byte[] bytes = new byte[(IndexPage.Bytes * (1 + pages)) + (8 * words) + 4];
        "AMBRYIDX"u8.CopyTo(bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(10), 72);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), entries.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), entries[0].Lsn);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), entries[^1].Lsn);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(40), words);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(44), 16);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(48), entries.Length);
        bytes[56] = 1;
        IndexPage.Seal(bytes);
        IndexEntry[] sorted = [.. entries.OrderBy(entry => IndexKey.Of(entry.Id))];
        for (int i = 0; i < sorted.Length; i++)
        {
            int page = 1 + (i / IndexPage.EntriesPerPage);
            sorted[i].Write(bytes.AsSpan((page * IndexPage.Bytes) + (i % IndexPage.EntriesPerPage * 72)));
        }

        for (int page = 1; page <= pages; page++)
        {
            IndexPage.Seal(bytes.AsSpan(page * IndexPage.Bytes, IndexPage.Bytes));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(
            bytes.AsSpan(bytes.Length - 4), Crc32C.Compute(bytes.AsSpan(bytes.Length - 4 - (8 * words), 8 * words)));
        return bytes;
    }
}
