using System.Collections.Concurrent;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Picks a random partition for a new chunk. Random choice keeps the partitions within a few percent of each other without
/// anybody counting. Thread safe.
/// </summary>
internal sealed class PartitionChooser
{
    private readonly RouterServices _services;
    private readonly Partition[] _candidates;
    private readonly ConcurrentDictionary<PartitionId, long> _sealedUntil = new();

    public PartitionChooser(RouterServices services)
    {
        _services = services;
        IReadOnlyList<Partition> writable = services.View.WritablePartitions;
        int most = writable.Count == 0 ? 0 : writable.Max(p => p.LocalReplicas.Count);
        int needed = Math.Min(services.Options.PutParallelism, most);
        _candidates = writable.Where(p => p.LocalReplicas.Count >= needed).ToArray();
    }

    /// <summary>
    /// A partition whose local replicas are all up, else one that is merely not sealed; null when there is none but those
    /// excluded.
    /// </summary>
    public Partition? Pick(IReadOnlyList<PartitionId> excluded)
    {
        if (_candidates.Length == 0)
        {
            return null;
        }

        int start = _services.Ids.NextInt(_candidates.Length);
        Partition? second = null;
        for (int i = 0; i < _candidates.Length; i++)
        {
            Partition candidate = _candidates[(start + i) % _candidates.Length];
            if (excluded.Contains(candidate.Id) || IsSealed(candidate.Id))
            {
                continue;
            }

            if (AllWritable(candidate))
            {
                return candidate;
            }

            second ??= candidate;
        }

        return second;
    }

    /// <summary>Leaves a partition out for a while, after it said that it takes no new blobs.</summary>
    public void MarkSealed(PartitionId partition)
    {
        TimeProvider time = _services.Time;
        long backoff = (long)(_services.Options.SealedBackoff.TotalSeconds * time.TimestampFrequency);
        _sealedUntil[partition] = time.GetTimestamp() + backoff;
        Log.PartitionSealed(_services.Logger, partition);
    }

    private bool IsSealed(PartitionId partition) =>
        !_sealedUntil.IsEmpty
        && _sealedUntil.TryGetValue(partition, out long until)
        && _services.Time.GetTimestamp() < until;

    private bool AllWritable(Partition partition)
    {
        foreach (Replica replica in partition.LocalReplicas)
        {
            if (!ReplicaEligibility.Allows(replica.State, ReplicaOperation.Put) || !_services.FailureDetector.IsUp(replica))
            {
                return false;
            }
        }

        return true;
    }
}
