namespace Ambry.Store.Index;

/// <summary>When the newest index segment is closed and the next one begun.</summary>
internal readonly record struct IndexLimits(int RollEntries, int RollBytes)
{
    public bool IsFull(int entries) => entries >= RollEntries || (long)entries * IndexEntry.EncodedLength >= RollBytes;

    /// <summary>Whether an entry can follow in a segment: it has room, and does not cross a log segment.</summary>
    public bool Fits(MemorySegment segment, in IndexEntry entry) =>
        segment.LogSegment is not { } logSegment || (logSegment == entry.Position.Segment && !IsFull(segment.Count));
}
