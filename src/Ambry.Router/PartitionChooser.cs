using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Deals partitions to new chunks as from a shuffled deck: each is dealt once before any is dealt again, in an order
/// that nobody can foresee. So the partitions stay within one chunk of each other for each gateway, and gateways do not
/// march in step. Partitions whose local replicas are all up come first; while there are none, the best of the others.
/// Thread safe; <c>_gate</c> guards everything.
/// </summary>
internal sealed class PartitionChooser(RouterServices services)
{
    /// <summary>
    /// How long grades are good for while something is down or sealed: back-offs end without anybody saying so.
    /// </summary>
    private static readonly TimeSpan GradesKept = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<PartitionId, long> _sealedUntil = [];
    private ClusterView? _view;
    private Partition[] _candidates = [];
    private Grade[] _grades = [];
    private int[] _deck = [];
    private int _dealt;
    private int _seenChanges;
    private long _regradeAt;

    /// <summary>Ordered from good to bad. Only the first three are dealt.</summary>
    private enum Grade : byte
    {
        AllUp,
        QuorumUp,
        QuorumEligible,
        TooFew,
        Sealed,
    }

    /// <summary>
    /// A partition to write to, or why there is none but those excluded: all are sealed, or have too few replicas.
    /// </summary>
    public PartitionChoice Pick(ClusterView view, IReadOnlyList<PartitionId> excluded)
    {
        lock (_gate)
        {
            Refresh(view);
            for (Grade grade = Grade.AllUp; grade <= Grade.QuorumEligible; grade++)
            {
                if (Deal(grade, excluded) is { } partition)
                {
                    return new PartitionChoice(partition, RouterError.None);
                }
            }

            bool isShort = Array.Exists(_grades, g => g == Grade.TooFew);
            return new PartitionChoice(null, isShort ? RouterError.Unavailable : RouterError.InsufficientCapacity);
        }
    }

    /// <summary>Leaves a partition out for a while, after it said that it takes no new blobs.</summary>
    public void MarkSealed(PartitionId partition)
    {
        long until = services.Time.GetTimestamp() + ToTicks(services.Options.SealedBackoff);
        lock (_gate)
        {
            _sealedUntil[partition] = until;
            _regradeAt = 0;
        }

        Log.PartitionSealed(services.Logger, partition);
    }

    private void Refresh(ClusterView view)
    {
        long now = services.Time.GetTimestamp();
        int changes = services.FailureDetector.Changes;
        if (!ReferenceEquals(view, _view))
        {
            _view = view;

            // Also those that have too few replicas now: that passes, and is not a lack of capacity.
            Partition[] writable = view.Partitions
                .Where(p => p.State != PartitionState.ReadOnly && p.LocalReplicas.Count > 0).ToArray();
            int most = writable.Length == 0 ? 0 : writable.Max(p => p.LocalReplicas.Count);
            int needed = Math.Min(services.Options.PutParallelism, most);
            _candidates = writable.Where(p => p.LocalReplicas.Count >= needed).ToArray();
            _grades = new Grade[_candidates.Length];
            _deck = Enumerable.Range(0, _candidates.Length).ToArray();
            _dealt = 0;
        }
        else if (changes == _seenChanges && now < _regradeAt)
        {
            return;
        }

        _seenChanges = changes;
        bool allGood = true;
        for (int i = 0; i < _candidates.Length; i++)
        {
            _grades[i] = GetGrade(_candidates[i], now);
            allGood &= _grades[i] == Grade.AllUp;
        }

        _regradeAt = allGood ? long.MaxValue : now + ToTicks(GradesKept);
    }

    private Grade GetGrade(Partition partition, long now)
    {
        if (_sealedUntil.TryGetValue(partition.Id, out long until))
        {
            if (now < until)
            {
                return Grade.Sealed;
            }

            _sealedUntil.Remove(partition.Id);
        }

        int eligible = 0;
        int up = 0;
        foreach (Replica replica in partition.LocalReplicas)
        {
            if (ReplicaEligibility.Allows(replica.State, ReplicaOperation.Put))
            {
                // A probe that is due counts as up: a put carries it, else nothing written would ever come back here.
                eligible++;
                up += services.FailureDetector.Look(replica) == ReplicaHealth.Down ? 0 : 1;
            }
        }

        int target = Math.Min(services.Options.PutSuccessTarget, partition.LocalReplicas.Count);
        return up == partition.LocalReplicas.Count ? Grade.AllUp
            : up >= target ? Grade.QuorumUp
            : eligible >= target ? Grade.QuorumEligible
            : Grade.TooFew;
    }

    /// <summary>
    /// One step of a Fisher-Yates shuffle among the cards of this grade that were not dealt yet; the others keep their
    /// turn. Without such a card all are gathered in.
    /// </summary>
    private Partition? Deal(Grade grade, IReadOnlyList<PartitionId> excluded)
    {
        int at = Find(grade, excluded);
        if (at < 0 && _dealt > 0)
        {
            int dealt = _dealt;
            _dealt = 0;
            at = Find(grade, excluded);
            _dealt = at < 0 ? dealt : 0;
        }

        if (at < 0)
        {
            return null;
        }

        (_deck[_dealt], _deck[at]) = (_deck[at], _deck[_dealt]);
        return _candidates[_deck[_dealt++]];
    }

    private int Find(Grade grade, IReadOnlyList<PartitionId> excluded)
    {
        int left = _deck.Length - _dealt;
        int start = left > 1 ? services.Ids.NextInt(left) : 0;
        for (int i = 0; i < left; i++)
        {
            int at = _dealt + ((start + i) % left);
            if (_grades[_deck[at]] == grade && !excluded.Contains(_candidates[_deck[at]].Id))
            {
                return at;
            }
        }

        return -1;
    }

    private long ToTicks(TimeSpan span) => (long)(span.TotalSeconds * services.Time.TimestampFrequency);
}

/// <param name="Error">Why there is no partition.</param>
internal readonly record struct PartitionChoice(Partition? Partition, RouterError Error);
