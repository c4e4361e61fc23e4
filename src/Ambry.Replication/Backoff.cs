using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// How long to wait after so many failures in a row: doubling, with a quarter of jitter either way, so that nodes that
/// lost the same peer do not come back to it at once. Immutable.
/// </summary>
internal sealed class Backoff(TimeSpan min, TimeSpan max, IIdSource ids)
{
    private const int JitterSteps = 1000;

    public TimeSpan After(int failures)
    {
        // 32 doublings are beyond any maximum.
        double doubled = min.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 32));
        return Spread(TimeSpan.FromSeconds(Math.Min(doubled, max.TotalSeconds)));
    }

    public TimeSpan Spread(TimeSpan pause) => pause * (0.75 + (0.5 * ids.NextInt(JitterSteps) / JitterSteps));
}
