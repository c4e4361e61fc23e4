using System.Globalization;

namespace Ambry.Log;

/// <summary>
/// One segment and its open file. Counted by its readers: one that has left the log stays readable until the last of
/// them lets go. Marks are guarded by <c>_gate</c>; everything else is immutable.
/// </summary>
internal sealed class LogSegment(SegmentHeader header, string path, IDiskFile file)
{
    // A mark each 256 KiB: finding an LSN reads at most that much, at 16 bytes a mark.
    private const long MarkEveryBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly List<SegmentCursor> _marks = [new(header.FirstLsn, SegmentHeader.Bytes, 0)];
    private Action<LogSegment>? _discard;
    private int _holders = 1;

    public SegmentHeader Header => header;

    public Guid LogId => header.LogId;

    public uint Number => header.Number;

    public long FirstLsn => header.FirstLsn;

    public long SizeBytes => header.SizeBytes;

    public string Path => path;

    public IDiskFile File => file;

    /// <summary>Ties records to this segment of this log.</summary>
    public uint Identity { get; } = RecordCodec.SegmentIdentity(header.LogId, header.Number);

    public static string FileName(uint number) => number.ToString("D10", CultureInfo.InvariantCulture) + ".log";

    /// <summary>False when the segment is gone already.</summary>
    public bool TryAcquire()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
            {
                return true;
            }

            holders = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
        {
            file.Dispose();
            _discard?.Invoke(this);
        }
    }

    /// <summary>
    /// Lets go for one that took the segment out of the log for good: whoever is last removes the file.
    /// </summary>
    public void Retire(Action<LogSegment> discard)
    {
        _discard = discard;
        Release();
    }

    /// <summary>Remembers where a record starts, if the newest mark is far enough behind.</summary>
    public void Mark(SegmentCursor record)
    {
        lock (_gate)
        {
            if (record.Offset - (long)_marks[^1].Offset >= MarkEveryBytes)
            {
                _marks.Add(record);
            }
        }
    }

    /// <summary>The nearest known place at or before an LSN: no record before it has that LSN or a later one.</summary>
    public SegmentCursor Nearest(long lsn)
    {
        lock (_gate)
        {
            int low = 0;
            int high = _marks.Count - 1;
            while (low < high)
            {
                int middle = (low + high + 1) / 2;
                (low, high) = _marks[middle].Lsn <= lsn ? (middle, high) : (low, middle - 1);
            }

            return _marks[low];
        }
    }

    public CorruptRecordException Corrupt(long offset, string what) =>
        new($"Segment {path}, offset {offset}: {what}.");
}
