using System.Collections.Immutable;
using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>Which data centres are not pulled from, by an operator's will. Thread safe.</summary>
internal sealed class PauseSwitch
{
    private readonly Lock _gate = new();
    private volatile bool _all;
    private volatile ImmutableHashSet<byte> _some = [];

    public bool IsPaused(DataCenterId from) => _all || _some.Contains(from.Value);

    /// <param name="from">Null for all; resuming all forgets what was paused one by one.</param>
    public void Set(DataCenterId? from, bool isPaused)
    {
        lock (_gate)
        {
            if (from is { } one)
            {
                _some = isPaused ? _some.Add(one.Value) : _some.Remove(one.Value);
                return;
            }

            _all = isPaused;
            _some = isPaused ? _some : [];
        }
    }
}
