using Ambry.Store.Records;

namespace Ambry.Store;

/// <summary>
/// The wall clock of one store, never earlier than a time that compaction has taken as its reference: what compaction
/// finds too old to keep stays too old, also when somebody sets the clock back meanwhile. Thread safe, no locks.
/// </summary>
internal sealed class StoreClock(TimeProvider time)
{
    private long _floorMillis = long.MinValue;

    public long NowMillis => Math.Max(UnixMillis.From(time.GetUtcNow()), Volatile.Read(ref _floorMillis));

    public DateTimeOffset Now => UnixMillis.ToTime(NowMillis);

    /// <summary>The present as a reference: from now on the clock never shows less.</summary>
    public DateTimeOffset Freeze()
    {
        long now = NowMillis;
        long floor = Volatile.Read(ref _floorMillis);
        while (floor < now)
        {
            long seen = Interlocked.CompareExchange(ref _floorMillis, now, floor);
            if (seen == floor)
            {
                break;
            }

            floor = seen;
        }

        return UnixMillis.ToTime(now);
    }
}
