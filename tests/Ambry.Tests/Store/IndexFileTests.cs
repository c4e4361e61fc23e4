using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Index;
using Ambry.Store.Records;
using Ambry.Testing;
using CsCheck;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Store;

public class IndexFileTests(ITestOutputHelper output)
{
    private const string Folder = "index";

    private static readonly StoreRecordKind?[] Kinds = [null, StoreRecordKind.Put, StoreRecordKind.Delete];

    [Fact]
    public async Task Finds_what_a_sorted_dictionary_finds() =>
        await Gen.Select(Gen.Int[0, 60], Gen.Bool).Array[1, 400].SampleAsync(
            async records =>
            {
                IndexEntry[] entries = [.. records.Select((record, i) => Entry(record.Item1, record.Item2, i + 100))];
                using IndexFile file = await WriteAsync(NewDisk(), entries);
                foreach (int number in Enumerable.Range(0, 62))
                {
                    BlobId id = StoreKit.Id(number);
                    foreach (StoreRecordKind? kind in Kinds)
                    {
                        IndexEntry[] all =
                            [.. entries.Where(entry => entry.Id == id && (kind is null || entry.Kind == kind))];
                        IndexEntry? found = await file.FindAsync(id, BloomKey.Of(id), kind, CancellationToken.None);
                        found.ShouldBe(all.Length == 0 ? null : all[^1]);
                    }
                }

                (await file.ReadAllAsync(CancellationToken.None)).ShouldBe(entries);
            },
            iter: 60);

    [Fact]
    public async Task Entries_of_one_id_over_many_pages_are_found()
    {
        IndexEntry[] entries =
            [.. Enumerable.Range(0, 500).Select(i => Entry(i is < 10 or > 480 ? i : 7, put: i == 12, i + 1))];
        using IndexFile file = await WriteAsync(NewDisk(), entries);
        BlobId id = StoreKit.Id(7);
        (await file.FindAsync(id, BloomKey.Of(id), null, CancellationToken.None))!.Value.Lsn.ShouldBe(481);
        (await file.FindAsync(id, BloomKey.Of(id), StoreRecordKind.Put, CancellationToken.None))!.Value.Lsn
            .ShouldBe(13);
    }

    [Fact]
    public async Task A_file_with_any_changed_byte_or_missing_end_is_refused()
    {
        SimDisk disk = NewDisk();
        IndexEntry[] entries = [.. Enumerable.Range(0, 120).Select(i => Entry(i, put: true, i + 1))];
        (await WriteAsync(disk, entries)).Dispose();
        string path = $"{Folder}/{IndexFileName.For(1)}";
        byte[] valid = disk.Contents(path);
        (await OpensAsync(disk, path)).ShouldBeTrue();
        for (int at = 0; at < valid.Length; at += 5)
        {
            byte[] changed = [.. valid];
            changed[at] ^= 0x10;
            disk.Overwrite(path, changed);
            (await OpensAsync(disk, path)).ShouldBeFalse($"byte {at}");
        }

        for (int length = 0; length < valid.Length; length += 97)
        {
            disk.Overwrite(path, valid.AsSpan(0, length));
            (await OpensAsync(disk, path)).ShouldBeFalse($"{length} bytes");
        }
    }

    [Fact]
    public void Filter_has_no_false_negative_and_hardly_a_false_positive()
    {
        BloomFilter bloom = BloomFilter.ForEntries(10_000);
        for (int i = 0; i < 10_000; i++)
        {
            bloom.Add(BloomKey.Of(StoreKit.Id(i)));
        }

        Enumerable.Range(0, 10_000).ShouldAllBe(i => bloom.MayContain(BloomKey.Of(StoreKit.Id(i))));
        int wrong = Enumerable.Range(10_000, 300_000).Count(i => bloom.MayContain(BloomKey.Of(StoreKit.Id(i))));
        output.WriteLine($"{wrong} false positives of 300000");
        wrong.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void Block_checksums_tell_which_block_changed()
    {
        byte[] content = StoreKit.Content(1, (3 * StoreKit.Block) + 1);
        byte[] checksums = new byte[BlockChecksums.EncodedLength(content.Length)];
        checksums.Length.ShouldBe(16);
        BlockChecksums.Write(content, checksums);
        BlockChecksums.Verify(checksums, 0, content).ShouldBeTrue();
        BlockChecksums.Verify(checksums, 1, content.AsSpan(StoreKit.Block)).ShouldBeTrue();
        BlockChecksums.Verify(checksums, 0, content.AsSpan(StoreKit.Block, StoreKit.Block)).ShouldBeFalse();
        content[StoreKit.Block] ^= 1;
        BlockChecksums.Verify(checksums, 0, content.AsSpan(0, StoreKit.Block)).ShouldBeTrue();
        BlockChecksums.Verify(checksums, 0, content).ShouldBeFalse();
        BlockChecksums.Verify(checksums, 4, content.AsSpan(0, 1)).ShouldBeFalse("there is no such block");
    }

    [Fact]
    public void Journal_keeps_the_newest_entries_in_order()
    {
        var journal = new Journal(100);
        var read = new List<StoreEntry>();
        journal.TryReadSince(0, 10, read, out _).ShouldBeFalse("it holds nothing");
        for (int lsn = 50; lsn < 1050; lsn++)
        {
            journal.Add(Entry(lsn, put: true, lsn));
        }

        journal.TryReadSince(948, 10, read, out _).ShouldBeFalse("entry 949 is gone");
        journal.TryReadSince(949, 1000, read, out _).ShouldBeTrue();
        read.Select(entry => entry.Lsn).ShouldBe(Enumerable.Range(950, 100).Select(lsn => (long)lsn));
        read.Clear();
        journal.TryReadSince(1000, 3, read, out _).ShouldBeTrue();
        read.Select(entry => entry.Lsn).ShouldBe([1001L, 1002L, 1003L]);
        read.Clear();
        journal.TryReadSince(1049, 3, read, out _).ShouldBeTrue();
        read.ShouldBeEmpty();
    }

    private static SimDisk NewDisk()
    {
        var disk = new SimDisk();
        disk.CreateDirectory(Folder);
        return disk;
    }

    private static ValueTask<IndexFile> WriteAsync(SimDisk disk, IndexEntry[] entries) =>
        new IndexFolder(disk, Folder).WriteAndOpenAsync(entries, CancellationToken.None);

    private static async Task<bool> OpensAsync(SimDisk disk, string path)
    {
        using IndexFile? file = await IndexFile.TryOpenAsync(disk, path, CancellationToken.None);
        return file is not null;
    }

    private static IndexEntry Entry(int number, bool put, int lsn) => new(
        StoreKit.Id(number),
        put ? StoreRecordKind.Put : StoreRecordKind.Delete,
        LifeVersion: 0,
        new LogPosition(0, (uint)lsn * 8),
        lsn,
        TimeMillis: 1_700_000_000_000 + lsn,
        UnixMillis.Never,
        SizeBytes: number,
        ContentCrc: (uint)lsn);
}
