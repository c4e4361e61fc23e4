namespace Ambry.Log;

/// <summary>
/// Where a record starts: the number of its segment, counted from 0, and the byte offset in that file.
/// </summary>
public readonly record struct LogPosition(uint Segment, uint Offset) : IComparable<LogPosition>
{
    public int CompareTo(LogPosition other) =>
        Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);
}
