namespace Ambry.Replication;

/// <summary>
/// Lets so many bytes a second through, a second's worth at once. What was let through may turn out larger than
/// thought: the debt is waited off before anything else passes. No I/O. Thread safe, under <c>_gate</c>.
/// </summary>
/// <param name="bytesPerSecond">0 for no limit.</param>
internal sealed class ByteThrottle(long bytesPerSecond)
{
    private readonly Lock _gate = new();
    private double _credit = bytesPerSecond;
    private TimeSpan _asOf;

    /// <summary>Null when bytes may flow now; else when to come back.</summary>
    public TimeSpan? NotBefore(TimeSpan now)
    {
        if (bytesPerSecond == 0)
        {
            return null;
        }

        lock (_gate)
        {
            Refill(now);
            return _credit > 0 ? null : now + TimeSpan.FromSeconds((1 - _credit) / bytesPerSecond);
        }
    }

    public void Spend(TimeSpan now, long bytes)
    {
        if (bytesPerSecond == 0)
        {
            return;
        }

        lock (_gate)
        {
            Refill(now);
            _credit -= bytes;
        }
    }

    private void Refill(TimeSpan now)
    {
        if (now > _asOf)
        {
            _credit = Math.Min(bytesPerSecond, _credit + ((now - _asOf).TotalSeconds * bytesPerSecond));
            _asOf = now;
        }
    }
}
