using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Testing;
using CsCheck;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

public class IndexFileTests
{
    private static readonly StoreRecordKind?[] Kinds = [null, .. Enum.GetValues<StoreRecordKind>()];

    [Fact]
    public async Task Finds_what_a_sorted_dictionary_finds() =>
        await Gen.Select(Gen.Int[0, 60], Gen.Int[0, 3], Gen.Int[1, 5]).Array[1, 400].SampleAsync(
            async records =>
            {
                long lsn = 100;
                IndexEntry[] entries =
                    [.. records.Select(record => Entry(record.Item1, lsn += record.Item3, Kind(record.Item2)))];
                using IndexFile file = await WriteAsync(NewDisk(), entries);
                foreach (int number in Enumerable.Range(0, 62))
                {
                    await ShouldAnswerAsync(file, entries, StoreKit.Id(number));
                }

                file.Counts.ShouldBe(IndexCounts.Of(entries));
                (await file.ReadSinceAsync(0, CancellationToken.None)).ShouldBe(entries);
                long since = entries[entries.Length / 2].Lsn;
                (await file.ReadSinceAsync(since, CancellationToken.None))
                    .ShouldBe(entries.Where(entry => entry.Lsn > since));
            },
            iter: 60);

    [Fact]
    public async Task Entries_of_one_id_over_many_pages_are_found()
    {
        IndexEntry[] entries =
        [
            .. Enumerable.Range(0, 500).Select(i => Entry(
                i is < 10 or > 480 ? i : 7, i + 1, i == 12 ? StoreRecordKind.Put : StoreRecordKind.Delete)),
        ];
        using IndexFile file = await WriteAsync(NewDisk(), entries);
        await ShouldAnswerAsync(file, entries, StoreKit.Id(7));
        (await file.FindAsync(IndexKey.Of(StoreKit.Id(7)), StoreRecordKind.Put, CancellationToken.None))!.Value.Lsn
            .ShouldBe(13);
    }

    [Fact]
    public async Task A_changed_byte_is_noticed_at_the_latest_when_its_page_is_read()
    {
        SimDisk disk = NewDisk();
        IndexEntry[] entries = [.. Enumerable.Range(0, 120).Select(i => Entry(i, i + 1))];
        using IndexFile written = await WriteAsync(disk, entries);
        string path = PathOf(written);
        byte[] valid = disk.Contents(path);
        int pages = 3 * IndexPage.Bytes;
        for (int at = 0; at < valid.Length; at += at < IndexPage.Bytes || at > pages ? 1 : 7)
        {
            byte[] changed = [.. valid];
            changed[at] ^= (byte)(1 << (at % 8));
            disk.Overwrite(path, changed);
            using IndexFile? file = await OpenAsync(disk, path);
            bool isPage = at >= IndexPage.Bytes && at < IndexPage.Bytes + pages;
            (file is not null).ShouldBe(isPage, $"byte {at}");
            if (file is not null)
            {
                await Should.ThrowAsync<IndexDamageException>(
                    async () => await file.ReadSinceAsync(0, CancellationToken.None), $"byte {at}");
                await Should.ThrowAsync<IndexDamageException>(
                    async () => await file.VerifyAsync(CancellationToken.None), $"byte {at}");
            }
        }
    }

    [Fact]
    public async Task A_prefix_of_a_file_is_refused()
    {
        SimDisk disk = NewDisk();
        using IndexFile written = await WriteAsync(disk, [.. Enumerable.Range(0, 60).Select(i => Entry(i, i + 1))]);
        byte[] valid = disk.Contents(PathOf(written));
        for (int length = 0; length < valid.Length; length++)
        {
            disk.Overwrite(PathOf(written), valid.AsSpan(0, length));
            (await OpenAsync(disk, PathOf(written))).ShouldBeNull($"{length} bytes");
        }
    }

    [Fact]
    public async Task A_running_file_verifies_its_header_filter_and_fences_again_when_asked()
    {
        SimDisk disk = NewDisk();
        using IndexFile file = await WriteAsync(disk, [.. Enumerable.Range(0, 60).Select(i => Entry(i, i + 1))]);
        await file.VerifyAsync(CancellationToken.None);
        foreach (long at in new[] { 20, file.FileBytes - 100, file.FileBytes - 2 })
        {
            disk.FlipBit(PathOf(file), at, 3);
            await Should.ThrowAsync<IndexDamageException>(async () => await file.VerifyAsync(CancellationToken.None));
            disk.FlipBit(PathOf(file), at, 3);
        }

        await file.VerifyAsync(CancellationToken.None);
    }

    [Fact]
    public void A_header_that_contradicts_itself_is_refused_under_a_valid_checksum()
    {
        byte[] page = new byte[IndexPage.Bytes];
        var valid = new IndexFileHeader(
            new IndexRange(10, 20, 3), 4, new IndexCounts(1, 1, 1, 1), new LogRecoveryHint(19, new LogPosition(3, 64)));
        valid.Write(page);
        IndexFileHeader.TryRead(page, out IndexFileHeader read).ShouldBeTrue();
        read.ShouldBe(valid);
        IndexFileHeader[] wrong =
        [
            valid with { Range = new IndexRange(0, 20, 3) },
            valid with { Range = new IndexRange(10, 9, 3) },
            valid with { Range = new IndexRange(10, 12, 3) },
            valid with { Range = new IndexRange(10, 18, 3) },
            valid with { Entries = -1 },
            valid with { Entries = 5 },
            valid with { Entries = 0, Counts = default },
            valid with { Counts = new IndexCounts(2, 1, 1, 1) },
            valid with { Newest = new LogRecoveryHint(12, new LogPosition(3, 64)) },
        ];
        foreach (IndexFileHeader header in wrong)
        {
            header.Write(page);
            IndexFileHeader.TryRead(page, out _).ShouldBeFalse(header.ToString());
        }

        foreach (int at in new[] { 0, 8, 10, 40, 44, 56 })
        {
            valid.Write(page);
            page[at]++;
            IndexPage.Seal(page);
            IndexFileHeader.TryRead(page, out _).ShouldBeFalse($"byte {at}");
        }
    }

    [Fact]
    public async Task A_range_without_records_has_a_file_that_says_so()
    {
        SimDisk disk = NewDisk();
        var range = new IndexRange(7, 99, 3);
        (await Services(disk).Folder.WriteAndOpenAsync(range, default, CancellationToken.None)).Dispose();
        using IndexFile? file = await OpenAsync(disk, $"{Folder}/{new IndexFileName(7, 3)}");
        file.ShouldNotBeNull().Range.ShouldBe(range);
        (await file.FindAsync(IndexKey.Of(StoreKit.Id(1)), null, CancellationToken.None)).ShouldBeNull();
        (await file.ReadSinceAsync(0, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_retired_file_is_read_to_the_end_and_then_not_again()
    {
        IndexFile file = await WriteAsync(NewDisk(), Entry(1, 1));
        file.TryAcquire().ShouldBeTrue();
        file.Dispose();
        file.Dispose();
        (await file.FindAsync(IndexKey.Of(StoreKit.Id(1)), null, CancellationToken.None)).ShouldNotBeNull();
        file.TryAcquire().ShouldBeTrue("somebody holds it still");
        file.Release();
        file.Release();
        file.TryAcquire().ShouldBeFalse();
        await Should.ThrowAsync<ObjectDisposedException>(
            async () => await file.FindAsync(IndexKey.Of(StoreKit.Id(1)), null, CancellationToken.None));
    }

    [Fact]
    public void Names_sort_by_age_and_only_the_exact_ones_are_taken()
    {
        var name = new IndexFileName(0x1234, 0x8000000a);
        name.ToString().ShouldBe("0000000000001234-8000000a.index");
        IndexFileName.TryParse(name.ToString(), out IndexFileName parsed).ShouldBeTrue();
        parsed.ShouldBe(name);
        IndexFileName.TryParse("0000000000001234-8000000A.index", out _).ShouldBeFalse();
        IndexFileName.TryParse("0000000000001234_8000000a.index", out _).ShouldBeFalse();
        IndexFileName.TryParse("0000000000001234.index", out _).ShouldBeFalse();
        IndexFileName.TryParseVersion1("0000000000001234.index", out long firstLsn).ShouldBeTrue();
        firstLsn.ShouldBe(0x1234);
        string[] names = [.. new[] { 1L, 9, 15, 16, 255, 256 }.Select(lsn => new IndexFileName(lsn, 1).ToString())];
        names.Order(StringComparer.Ordinal).ShouldBe(names);
    }

    [Fact]
    public void Keys_compare_as_the_bytes_of_ids_do() =>
        Gen.Select(Gen.Byte[0, 2].Array[28], Gen.Byte[0, 2].Array[28]).Sample(
            (left, right) =>
            {
                int expected = Math.Sign(left.AsSpan().SequenceCompareTo(right));
                var key = IndexKey.Read(left);
                Math.Sign(key.CompareTo(IndexKey.Read(right))).ShouldBe(expected);
                Math.Sign(key.CompareTo(right.AsSpan())).ShouldBe(expected);
            });

    private static async Task ShouldAnswerAsync(IndexFile file, IndexEntry[] entries, BlobId id)
    {
        var key = IndexKey.Of(id);
        foreach (StoreRecordKind? kind in Kinds)
        {
            IndexEntry[] all = [.. entries.Where(entry => entry.Id == id && (kind is null || entry.Kind == kind))];
            IndexEntry? found = await file.FindAsync(key, kind, CancellationToken.None);
            found.ShouldBe(all.Length == 0 ? null : all[^1]);
            (all.Length == 0 || file.Filter.MayContain(BloomKey.Of(key))).ShouldBeTrue();
        }

        var every = new List<IndexEntry>();
        await file.FindAllAsync(key, every, CancellationToken.None);
        every.ShouldBe(entries.Where(entry => entry.Id == id).Reverse());
    }
}
