using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// Keeps the file of one segment open, and what is in it readable, whatever becomes of the segment meanwhile:
/// truncation and compaction delete its name, the space follows when the last hold is gone. Immutable; dispose once.
/// </summary>
/// <remarks>It does not keep records from being erased: their content then reads as zeros.</remarks>
public sealed class LogHold : IDisposable
{
    private readonly LogSegment _segment;
    private int _released;

    internal LogHold(LogSegment segment)
    {
        _segment = segment;
    }

    /// <summary>The segment's file, for copies that do not pass through memory; null on a simulated disk.</summary>
    public SafeFileHandle? Handle => _segment.File.Handle;

    /// <summary>Where in the file a part of a record starts.</summary>
    public long OffsetOf(LogPosition position, in LogRecordHeader header, int part)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(position.Segment, _segment.Number, nameof(position));
        return position.Offset + RecordCodec.OffsetOf(header.Lengths, part);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _segment.Release();
        }
    }
}
