using System.Globalization;

namespace Ambry.Tests.Store.Crash;

/// <summary>
/// The history of a script as its caller knows it: steps one after the other, each a change of several blobs at once,
/// and how far they were acknowledged. A crash must leave the state after one of the steps that are still possible, and
/// of the next step any part. Thread safe: one lock, <c>_gate</c>.
/// </summary>
internal sealed class CrashModel
{
    private readonly Lock _gate = new();
    private readonly List<IReadOnlyDictionary<int, KnownState>> _steps = [];
    private readonly Dictionary<int, KnownState> _newest = [];
    private readonly HashSet<int> _acknowledgedOfLast = [];
    private int _acknowledged;
    private int _synced;

    /// <summary>What a blob will be when the last step is done.</summary>
    public KnownState this[int blob] => _newest.GetValueOrDefault(blob);

    public IEnumerable<int> Blobs => _newest.Keys.Order();

    /// <summary>The next step is asked for; the one before has ended.</summary>
    public void Begin(IReadOnlyDictionary<int, KnownState> changes)
    {
        lock (_gate)
        {
            _steps.Add(changes);
            _acknowledgedOfLast.Clear();
            foreach ((int blob, KnownState state) in changes)
            {
                _newest[blob] = state;
            }
        }
    }

    public void Acknowledge(int blob)
    {
        lock (_gate)
        {
            _acknowledgedOfLast.Add(blob);
        }
    }

    /// <summary>All of the last step was acknowledged.</summary>
    public void End()
    {
        lock (_gate)
        {
            _acknowledged = _steps.Count;
        }
    }

    /// <summary>All that was acknowledged is on the disk, in interval mode too.</summary>
    public void Synced()
    {
        lock (_gate)
        {
            _synced = _acknowledged;
        }
    }

    public CrashMark Mark(DateTimeOffset now, bool tombstonesMayGo)
    {
        lock (_gate)
        {
            return new CrashMark(
                _steps.Count, _acknowledged, _synced, new HashSet<int>(_acknowledgedOfLast), now, tombstonesMayGo);
        }
    }

    /// <summary>
    /// Null when a store may look so at a mark; else what is wrong with it.
    /// </summary>
    /// <param name="suffixMayBeLost">What was acknowledged but not synced may be lost, from some step on.</param>
    public string? Explain(CrashMark mark, IReadOnlyDictionary<int, KnownState> observed, bool suffixMayBeLost)
    {
        int floor = suffixMayBeLost ? mark.Synced : mark.Acknowledged;
        Dictionary<int, KnownState> states = [];
        foreach (IReadOnlyDictionary<int, KnownState> step in _steps.Take(floor))
        {
            Apply(step, states);
        }

        string? first = null;
        for (int done = floor; done <= Math.Max(floor, mark.Steps - 1); done++)
        {
            IReadOnlyDictionary<int, KnownState> next =
                done < mark.Steps ? _steps[done] : new Dictionary<int, KnownState>();
            bool isUnderWay = done == mark.Acknowledged && done < mark.Steps && !suffixMayBeLost;
            IReadOnlySet<int> sure = isUnderWay ? mark.OfLast : new HashSet<int>();
            string? wrong = Compare(states, next, sure, observed, mark);
            if (wrong is null)
            {
                return null;
            }

            first ??= wrong;
            Apply(next, states);
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{first} (steps {mark.Steps}, acknowledged {mark.Acknowledged}, synced {mark.Synced})");
    }

    private static void Apply(IReadOnlyDictionary<int, KnownState> step, Dictionary<int, KnownState> states)
    {
        foreach ((int blob, KnownState state) in step)
        {
            states[blob] = state;
        }
    }

    private static string? Compare(
        Dictionary<int, KnownState> states,
        IReadOnlyDictionary<int, KnownState> next,
        IReadOnlySet<int> sure,
        IReadOnlyDictionary<int, KnownState> observed,
        CrashMark mark)
    {
        foreach (int blob in states.Keys.Union(next.Keys).Union(observed.Keys))
        {
            KnownState seen = observed.GetValueOrDefault(blob);
            KnownState before = states.GetValueOrDefault(blob);
            bool isOld = before.MayBeSeenAs(seen, mark) && !sure.Contains(blob);
            bool isNew = next.TryGetValue(blob, out KnownState after) && after.MayBeSeenAs(seen, mark);
            if (!isOld && !isNew)
            {
                return $"blob {blob} is {seen}, it was {before}" + (next.ContainsKey(blob) ? $" or {after}" : "");
            }
        }

        return null;
    }
}

/// <summary>How far a history was when the machine stopped.</summary>
/// <param name="OfLast">The blobs of the last step whose change was acknowledged.</param>
/// <param name="TombstonesMayGo">Whether a compaction may have purged tombstones.</param>
internal sealed record CrashMark(
    int Steps, int Acknowledged, int Synced, IReadOnlySet<int> OfLast, DateTimeOffset Now, bool TombstonesMayGo);
