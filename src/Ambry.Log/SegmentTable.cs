namespace Ambry.Log;

/// <summary>
/// Finds a segment by its number: every read of a record asks. Immutable, so a look-up takes no lock; numbers are
/// sparse, so it is a hash table, at most half full.
/// </summary>
internal sealed class SegmentTable
{
    private readonly LogSegment?[] _slots;
    private readonly int _shift;

    public SegmentTable(IReadOnlyCollection<LogSegment> segments)
    {
        int bits = 1;
        while (1 << bits < segments.Count * 2)
        {
            bits++;
        }

        (_slots, _shift) = (new LogSegment?[1 << bits], 32 - bits);
        foreach (LogSegment segment in segments)
        {
            int slot = Slot(segment.Number);
            while (_slots[slot] is not null)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = segment;
        }
    }

    public LogSegment? Find(uint number)
    {
        LogSegment?[] slots = _slots;
        for (int slot = Slot(number); slots[slot] is { } segment; slot = (slot + 1) & (slots.Length - 1))
        {
            if (segment.Number == number)
            {
                return segment;
            }
        }

        return null;
    }

    // Fibonacci hashing: neighbouring numbers land in different slots.
    private int Slot(uint number) => (int)((number * 2654435769u) >> _shift);
}
