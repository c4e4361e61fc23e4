using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>
/// Which segments are the log, once it has been rewritten: the listed ones in this order, then every ordinary segment
/// from <paramref name="OrdinaryFrom"/> on. Replacing the file is the commit of a rewrite. Immutable. Layout:
/// docs/formats.md, "Log manifest".
/// </summary>
/// <param name="NextCompacted">
/// The number of the next target. It is durably behind a number before a file of it is made, so that no number ever
/// means two segments.
/// </param>
internal sealed record LogManifest(Guid LogId, uint OrdinaryFrom, uint NextCompacted, ManifestEntry[] Entries)
{
    public const string FileName = "manifest";

    /// <summary>Far above any log: 500,000 segments.</summary>
    public const int MaxBytes = 16 << 20;

    private const ulong Magic = 0x4D474F4C52424D41; // "AMBRLOGM"
    private const ushort Version = 1;
    private const int HeaderBytes = 48;
    private const int EntryBytes = 32;
    private const int ChecksumBytes = 4;

    /// <summary>
    /// The manifest of a live set. What is at the end and whole, without gaps in its numbers, need not be listed: the
    /// append loop adds to it without writing a manifest.
    /// </summary>
    public static LogManifest Of(Guid logId, uint nextCompacted, LiveSegment[] live)
    {
        int unlisted = live.Length - 1;
        Invariant.Check(!live[unlisted].IsCompacted && !live[unlisted].IsTrimmed);
        while (unlisted > 0
            && !live[unlisted - 1].IsCompacted
            && !live[unlisted - 1].IsTrimmed
            && live[unlisted - 1].Number + 1 == live[unlisted].Number)
        {
            unlisted--;
        }

        // A segment that was too small for the first record that came is sealed without one.
        ManifestEntry[] entries = [.. live[..unlisted].Where(one => one.LastLsn >= one.FirstLsn).Select(one =>
            new ManifestEntry(one.Number, one.FirstLsn, one.LastLsn, one.EndOffset, one.Records))];
        return new LogManifest(logId, live[unlisted].Number, nextCompacted, entries);
    }

    public byte[] Encode()
    {
        var bytes = new byte[HeaderBytes + (Entries.Length * EntryBytes) + ChecksumBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Entries.Length);
        LogId.TryWriteBytes(bytes.AsSpan(16), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(32), OrdinaryFrom);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(36), NextCompacted);
        for (int i = 0; i < Entries.Length; i++)
        {
            Span<byte> target = bytes.AsSpan(HeaderBytes + (i * EntryBytes));
            BinaryPrimitives.WriteUInt32LittleEndian(target, Entries[i].Number);
            BinaryPrimitives.WriteUInt32LittleEndian(target[4..], Entries[i].EndOffset);
            BinaryPrimitives.WriteInt64LittleEndian(target[8..], Entries[i].FirstLsn);
            BinaryPrimitives.WriteInt64LittleEndian(target[16..], Entries[i].LastLsn);
            BinaryPrimitives.WriteUInt32LittleEndian(target[24..], Entries[i].Records);
        }

        Span<byte> all = bytes;
        BinaryPrimitives.WriteUInt32LittleEndian(all[^ChecksumBytes..], Crc32C.Compute(all[..^ChecksumBytes]));
        return bytes;
    }

    /// <summary>False when the bytes are no manifest of this version, or one that cannot be.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out LogManifest manifest)
    {
        manifest = null!;
        if (bytes.Length < HeaderBytes + ChecksumBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^ChecksumBytes..])
                != Crc32C.Compute(bytes[..^ChecksumBytes])
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) != Version)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]);
        if (count < 0 || bytes.Length != HeaderBytes + ((long)count * EntryBytes) + ChecksumBytes)
        {
            return false;
        }

        var entries = new ManifestEntry[count];
        for (int i = 0; i < count; i++)
        {
            entries[i] = ReadEntry(bytes[(HeaderBytes + (i * EntryBytes))..]);
        }

        manifest = new LogManifest(
            new Guid(bytes.Slice(16, 16), bigEndian: true),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]),
            entries);
        return manifest.IsConsistent();
    }

    private static ManifestEntry ReadEntry(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source),
        BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[24..]));

    /// <summary>Ranges in order, numbers of the right kind and each but once.</summary>
    private bool IsConsistent()
    {
        HashSet<uint> numbers = [];
        long after = 0;
        foreach (ManifestEntry entry in Entries)
        {
            bool fits = entry.IsCompacted
                ? entry.Number < NextCompacted && entry.Records > 0
                    && entry.EndOffset >= SegmentHeader.Bytes + ((long)entry.Records * RecordCodec.HeaderBytes)
                : entry.Number < OrdinaryFrom && entry.Records == 0 && entry.EndOffset == 0;
            if (!fits || entry.FirstLsn <= after || entry.LastLsn < entry.FirstLsn || !numbers.Add(entry.Number))
            {
                return false;
            }

            after = entry.LastLsn;
        }

        return OrdinaryFrom < LogSegmentState.FirstCompactedNumber
            && NextCompacted >= LogSegmentState.FirstCompactedNumber;
    }
}
