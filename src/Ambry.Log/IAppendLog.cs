namespace Ambry.Log;

/// <summary>
/// One append-only log: numbered segments of one size in one folder of a disk. A record never spans two segments. Many
/// appenders at once; one append loop writes and syncs for all of them. Thread safe.
/// </summary>
/// <remarks>
/// A failed write or sync fails the append and every later one with the same <see cref="IOException"/>: what is on the
/// disk is then known only by opening the log anew.
/// </remarks>
public interface IAppendLog : IAsyncDisposable
{
    /// <summary>The newest record's LSN that is durable by the log's mode; 0 in an empty log.</summary>
    long DurableLsn { get; }

    /// <summary>
    /// The newest record's LSN that no power cut takes back, in whatever mode; never beyond <see cref="DurableLsn"/>.
    /// Later records may give way to others with the same LSNs.
    /// </summary>
    long SyncedLsn { get; }

    /// <summary>The oldest LSN still held; <see cref="DurableLsn"/> + 1 when none is.</summary>
    long FirstLsn { get; }

    /// <summary>Bytes of records, headers and wasted segment tails, over all segments.</summary>
    long UsedBytes { get; }

    /// <summary>
    /// The live segments, oldest first, the tail last. Their ranges cover every live record; between and within them
    /// LSNs may be missing where a rewrite dropped records.
    /// </summary>
    IReadOnlyList<LogSegmentState> Segments { get; }

    /// <summary>
    /// Appends a record; completes when it is durable by the log's mode. The queue is bounded: a full one waits.
    /// </summary>
    /// <exception cref="ArgumentException">The record is larger than a segment holds.</exception>
    /// <exception cref="IOException">The disk failed; the outcome is unknown.</exception>
    ValueTask<AppendedRecord> AppendAsync(LogAppend record, CancellationToken token);

    /// <summary>
    /// Completes when every record whose append was asked for before is on the disk, in <see
    /// cref="DurabilityMode.Interval"/> too. In the other modes it waits only for what is still being appended.
    /// </summary>
    /// <exception cref="IOException">The disk failed; what of it is durable is unknown.</exception>
    ValueTask SyncAsync(CancellationToken token);

    /// <summary>Reads and verifies the header at a position.</summary>
    /// <exception cref="CorruptRecordException">No valid record is there.</exception>
    /// <exception cref="SegmentGoneException">The segment has been rewritten or truncated.</exception>
    ValueTask<LogRecordHeader> ReadHeaderAsync(LogPosition position, CancellationToken token);

    /// <summary>
    /// Reads a record from its start, as far as <paramref name="destination"/> goes, with one read: for small records,
    /// and for who needs the first parts of large ones. Fewer bytes come only where the segment ends.
    /// </summary>
    /// <param name="destination">At least 64 bytes, the length of a header.</param>
    /// <exception cref="CorruptRecordException">No valid record is there.</exception>
    /// <exception cref="SegmentGoneException">The segment has been rewritten or truncated.</exception>
    ValueTask<LogRecordStart> ReadStartAsync(LogPosition position, Memory<byte> destination, CancellationToken token);

    /// <summary>
    /// Reads one whole part and verifies its CRC-32C. <paramref name="destination"/> is exactly its length.
    /// </summary>
    /// <exception cref="CorruptRecordException">The bytes fail the checksum.</exception>
    ValueTask ReadPartAsync(
        LogPosition position, LogRecordHeader header, int part, Memory<byte> destination, CancellationToken token);

    /// <summary>
    /// Reads a range of a part without verifying it: for an owner that keeps finer checksums. Fills
    /// <paramref name="destination"/>.
    /// </summary>
    ValueTask ReadPartRangeAsync(
        LogPosition position,
        LogRecordHeader header,
        int part,
        int offsetInPart,
        Memory<byte> destination,
        CancellationToken token);

    /// <summary>
    /// Holds the segment of a position for as long as the caller needs its file. What is read through the file is not
    /// verified.
    /// </summary>
    /// <exception cref="SegmentGoneException">The segment has been rewritten or truncated.</exception>
    LogHold Hold(LogPosition position);

    /// <summary>
    /// All live records from an LSN on, in order, up to what is durable now. Parts are verified, and that none is
    /// missing: LSNs have gaps only where a rewrite dropped records. The memory handed out is valid until the next
    /// step.
    /// </summary>
    /// <exception cref="CorruptRecordException">A record is damaged or missing.</exception>
    IAsyncEnumerable<LogRecord> ReadFromAsync(long lsn, CancellationToken token);

    /// <summary>
    /// Deletes the segments whose records are all below <paramref name="lsn"/>; never the newest one.
    /// </summary>
    ValueTask TruncateBelowAsync(long lsn, CancellationToken token);

    /// <summary>
    /// Begins to rewrite the live records from those of a sealed segment on. One rewrite at a time; appends, rolls and
    /// reads go on beside it.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another rewrite is going on, or the segment is the tail.</exception>
    /// <exception cref="SegmentGoneException">No live segment has this number.</exception>
    ValueTask<ILogRewrite> BeginRewriteAsync(uint segment, CancellationToken token);

    /// <summary>
    /// Destroys parts 1 to 3 of records in sealed segments, which then are zeros of the same length, and gives the
    /// records another kind. Part 0 stays. When this returns, all of it is durable; after a crash before, all of it or
    /// none of it.
    /// </summary>
    /// <exception cref="SegmentGoneException">A record's segment has been rewritten or truncated; nothing was
    /// done.</exception>
    /// <exception cref="CorruptRecordException">A header is damaged; nothing was done.</exception>
    /// <exception cref="InvalidOperationException">A rewrite is going on, or a record lies in the tail; nothing was
    /// done.</exception>
    /// <exception cref="DiskFullException">Nothing was done; the log is well.</exception>
    ValueTask EraseAsync(IReadOnlyList<LogPosition> records, byte erasedKind, CancellationToken token);
}

/// <summary>Where a durable record ended up.</summary>
public readonly record struct AppendedRecord(long Lsn, LogPosition Position);

/// <summary>One record with its parts, read back and verified.</summary>
public sealed record LogRecord(
    LogRecordHeader Header,
    LogPosition Position,
    ReadOnlyMemory<byte> Part0,
    ReadOnlyMemory<byte> Part1,
    ReadOnlyMemory<byte> Part2,
    ReadOnlyMemory<byte> Part3);
