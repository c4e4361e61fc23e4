using Ambry.Log;
using Ambry.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Log.LogTesting;
using static Ambry.Tests.Log.RewriteTesting;

namespace Ambry.Tests.Log;

public sealed class LogManifestTests
{
    private static readonly uint First = LogSegmentState.FirstCompactedNumber;

    private static readonly LogManifest Sample = new(
        new Guid("0e0d7d6c-6d0b-4f5c-8d54-0c5fb4c5a3b1"),
        7,
        First + 3,
        [
            new ManifestEntry(0, 1, 9, 0, 0),
            new ManifestEntry(First + 2, 10, 30, 5000, 4),
            new ManifestEntry(6, 31, 40, 0, 0),
        ]);

    [Fact]
    public void A_manifest_comes_back_as_it_was_written()
    {
        foreach (int count in new[] { 0, 1, 2, 3 })
        {
            LogManifest sample = Sample with { Entries = Sample.Entries[..count] };
            LogManifest.TryDecode(sample.Encode(), out LogManifest read).ShouldBeTrue();
            read.Entries.ShouldBe(sample.Entries);
            (read with { Entries = sample.Entries }).ShouldBe(sample);
        }
    }

    [Fact]
    public void No_prefix_and_no_changed_byte_of_a_manifest_is_taken_for_one()
    {
        byte[] bytes = Sample.Encode();
        for (int length = 0; length < bytes.Length; length++)
        {
            LogManifest.TryDecode(bytes.AsSpan(0, length), out _).ShouldBeFalse();
        }

        for (int at = 0; at < bytes.Length; at++)
        {
            for (int change = 1; change < 256; change++)
            {
                bytes[at] ^= (byte)change;
                LogManifest.TryDecode(bytes, out _).ShouldBeFalse();
                bytes[at] ^= (byte)change;
            }
        }

        LogManifest.TryDecode([.. bytes, 0], out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 1, 9, 0, 0, true)]
    [InlineData(7, 1, 9, 0, 0, false)] // Ordinary ones from 7 on are not listed.
    [InlineData(6, 1, 9, 0, 0, false)] // Twice.
    [InlineData(0, 0, 9, 0, 0, false)]
    [InlineData(0, 5, 4, 0, 0, false)]
    [InlineData(0, 1, 10, 0, 0, false)] // Overlaps the next.
    [InlineData(0, 1, 9, 100, 0, false)]
    [InlineData(0x80000001, 1, 9, 128, 1, true)]
    [InlineData(0x80000001, 1, 9, 127, 1, false)]
    [InlineData(0x80000001, 1, 9, 128, 0, false)]
    [InlineData(0x80000003, 1, 9, 128, 1, false)] // Not given out yet.
    public void An_entry_that_cannot_be_is_refused(
        uint number, long firstLsn, long lastLsn, uint endOffset, uint records, bool accepted)
    {
        ManifestEntry entry = new(number, firstLsn, lastLsn, endOffset, records);
        LogManifest manifest = Sample with { Entries = [entry, .. Sample.Entries[1..]] };
        LogManifest.TryDecode(manifest.Encode(), out _).ShouldBe(accepted);
    }

    [Fact]
    public async Task Damage_of_the_manifest_or_of_what_it_lists_keeps_the_log_closed_and_whole()
    {
        SimDisk disk = await Rewritten();
        await ShouldBeDamage(disk, copy => copy.Delete(Manifest));
        await ShouldBeDamage(disk, copy => copy.FlipBit(Manifest, 20, 1));
        await ShouldBeDamage(disk, copy => copy.Overwrite(Manifest, []));
        await ShouldBeDamage(disk, copy => copy.Overwrite(Manifest, new byte[LogManifest.MaxBytes + 1]));
        foreach (string segment in new[] { Segment(0), Compacted(1), Segment(3), Segment(4) })
        {
            await ShouldBeDamage(disk, copy => copy.Delete(segment));
            await ShouldBeDamage(disk, copy => copy.FlipBit(segment, 18, 1));
        }

        await ShouldBeDamage(disk, copy => copy.FlipBit(Segment(5), 18, 1));

        byte[] compacted = disk.Contents(Compacted(1));
        await ShouldBeDamage(disk, copy => copy.Overwrite(Compacted(1), compacted.AsSpan(0, compacted.Length - 1)));
        await ShouldBeDamage(disk, copy => copy.Overwrite(Compacted(1), disk.Contents(Segment(0))));
        await using AppendLog log = await Open(disk);
        (await Lsns(log)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task The_manifest_of_another_log_is_damage()
    {
        SimDisk disk = await Rewritten();
        var other = new SimDisk();
        await (await Open(other, new AppendLogOptions { SegmentBytes = 65536 })).DisposeAsync();
        other.Rename(Segment(0), "kept");
        SimDisk mixed = disk.Copy();
        mixed.Overwrite(Segment(0), other.Contents("kept"));
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(mixed));
    }

    [Fact]
    public async Task A_record_that_vanishes_from_a_compacted_segment_is_found_when_reading()
    {
        SimDisk disk = await Rewritten();
        // Headers of the last record, and of one in the middle.
        foreach (long at in new[] { 64 + (3 * 15_064L), 64 + 15_064 })
        {
            SimDisk damaged = disk.Copy();
            damaged.FlipBit(Compacted(1), at + 3, 1);
            await using AppendLog log = await Open(damaged);
            await Should.ThrowAsync<CorruptRecordException>(async () => await ReadAll(log));
        }

        LogManifest.TryDecode(disk.Contents(Manifest), out LogManifest manifest).ShouldBeTrue();
        ManifestEntry[] entries = manifest.Entries;
        int listed = Array.FindIndex(entries, entry => entry.IsCompacted);
        foreach (ManifestEntry wrong in new[]
        {
            entries[listed] with { Records = entries[listed].Records - 1 },
            entries[listed] with { Records = entries[listed].Records + 1 },
            entries[listed] with { EndOffset = entries[listed].EndOffset - 8 },
            entries[listed] with { LastLsn = entries[listed].LastLsn - 1 },
        })
        {
            SimDisk damaged = disk.Copy();
            entries = [.. manifest.Entries];
            entries[listed] = wrong;
            damaged.Overwrite(Manifest, (manifest with { Entries = entries }).Encode());
            await using AppendLog log = await Open(damaged);
            await Should.ThrowAsync<CorruptRecordException>(async () => await ReadAll(log));
        }
    }

    [Fact]
    public async Task What_is_not_live_is_deleted_at_opening()
    {
        SimDisk disk = await Rewritten();
        disk.ListFiles(Folder).ShouldBe(
        [
            "0000000000.log", "0000000003.log", "0000000004.log", "0000000005.log", "2147483649.log", "manifest",
        ]);
        IReadOnlyList<string> before = disk.ListFiles(Folder);
        byte[] some = disk.Contents(Segment(3));
        foreach (string name in new[] { Segment(1), Segment(2), Compacted(0), Compacted(7), $"{Manifest}.tmp" })
        {
            disk.Open(name, create: true).Dispose();
            disk.Overwrite(name, some);
        }

        await using AppendLog log = await Open(disk);
        disk.ListFiles(Folder).ShouldBe(before);
        (await Lsns(log)).Count.ShouldBe(20);
        // Above what was found, whatever the manifest says.
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(0, default);
        (await rewrite.TryCopyAsync(new LogPosition(0, 64), default))!.Value.Position.Segment.ShouldBe(First + 8);
        SimDisk after = disk.CrashedCopy(1);
        await using AppendLog again = await Open(after);
        (await Lsns(again)).Count.ShouldBe(20);
    }

    [Fact]
    public async Task An_unfinished_segment_behind_the_tail_is_removed_and_a_damaged_tail_is_not()
    {
        SimDisk disk = await Rewritten();
        foreach (int bytes in new[] { 0, 64, 65_536 })
        {
            SimDisk copy = disk.Copy();
            copy.Open(Segment(6), create: true).Dispose();
            copy.Overwrite(Segment(6), new byte[bytes]);
            await using AppendLog log = await Open(copy);
            log.DurableLsn.ShouldBe(24);
            copy.FileExists(Segment(6)).ShouldBeFalse();
        }

        // All before the tail is listed, so the tail was there.
        AppendLog full = await Open(disk);
        await Rewrite(full, 3, lsn => lsn % 8 == 0);
        await full.DisposeAsync();
        disk = disk.Kill();
        disk.Overwrite(Segment(5), new byte[65_536]);
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(disk));
    }

    [Fact]
    public async Task A_hint_in_a_compacted_segment_says_nothing_of_where_the_log_ends()
    {
        SimDisk disk = await Rewritten();
        var hint = new LogRecoveryHint(11, new LogPosition(First + 1, 64));
        await using AppendLog log = await Open(disk.Copy(), hint: hint);
        log.DurableLsn.ShouldBe(24);
        await Should.ThrowAsync<CorruptRecordException>(
            async () => await Open(disk, hint: hint with { Lsn = 25 }));
    }

    /// <summary>0 ordinary, 5 to 12 in the second target (the first was given up), 3 to 5 ordinary.</summary>
    private static async Task<SimDisk> Rewritten()
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        await Append(log, 24, 15_000);
        await using (ILogRewrite rewrite = await log.BeginRewriteAsync(0, default))
        {
            await rewrite.TryCopyAsync(new LogPosition(0, 64), default);
        }

        (await Rewrite(log, 1, lsn => lsn is 5 or 8 or 11 or 12, upTo: 12)).ShouldBe(12);
        await log.DisposeAsync();
        return disk.Kill();
    }

    private static async Task ShouldBeDamage(SimDisk disk, Action<SimDisk> damage)
    {
        SimDisk copy = disk.Copy();
        damage(copy);
        IReadOnlyList<string> before = copy.ListFiles(Folder);
        int calls = copy.MutatingCalls;
        await Should.ThrowAsync<CorruptRecordException>(async () => await Open(copy));
        copy.ListFiles(Folder).ShouldBe(before);
        copy.MutatingCalls.ShouldBe(calls);
    }
}
