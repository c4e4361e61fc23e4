namespace Ambry.Log;

/// <summary>A place in a segment where a record starts, or its end.</summary>
/// <param name="Lsn">The record's LSN; in a compacted segment it may be a later one.</param>
/// <param name="Ordinal">Records of the segment before it.</param>
internal readonly record struct SegmentCursor(long Lsn, uint Offset, uint Ordinal)
{
    /// <summary>The place behind the record that starts here.</summary>
    public SegmentCursor After(in LogRecordHeader header) =>
        new(header.Lsn + 1, Offset + (uint)RecordCodec.SizeOf(header.Lengths), Ordinal + 1);
}
