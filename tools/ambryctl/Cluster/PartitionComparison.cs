using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// Whether the replicas of a partition hold the same blobs. Memory is bounded by <see cref="MaxIds"/> blobs: a
/// partition with more is read in several passes, each over the ids of one share of all hash values. Not thread safe.
/// </summary>
/// <param name="maxIds">In memory at once.</param>
internal sealed class PartitionComparison(
    AdminClient client, PartitionId partition, IReadOnlyList<DataNodeId> admins, bool withContent, int maxIds)
{
    /// <summary>About 200 MB with three replicas.</summary>
    public const int MaxIds = 1_000_000;

    /// <summary>Differing blobs that are kept to be looked at again; with more there is no doubt.</summary>
    private const int MaxKept = 10_000;

    private readonly long[] _lastLsn = new long[admins.Count];

    /// <summary>The newest record of each replica when it was last read.</summary>
    public IReadOnlyList<long> LastLsn => _lastLsn;

    /// <summary>Live blobs, those that differ included.</summary>
    public long LiveBlobs { get; private set; }

    public long DifferentCount { get; private set; }

    /// <summary>With a state for each replica, in their order; the first <see cref="MaxKept"/>.</summary>
    public Dictionary<BlobId, BlobState[]> Different { get; private set; } = [];

    public bool MayLookAgain => DifferentCount > 0 && DifferentCount == Different.Count;

    /// <exception cref="IOException">A replica could not be read.</exception>
    public async Task CompareAsync(DateTimeOffset now, CancellationToken token)
    {
        uint passes = 1;
        while (!await TryCompareAsync(now, passes, token))
        {
            passes = checked(passes * 4);
        }
    }

    /// <summary>Reads again what differed: a record that came between two readings is no difference.</summary>
    /// <exception cref="IOException">A replica could not be read.</exception>
    public async Task LookAgainAsync(DateTimeOffset now, CancellationToken token)
    {
        HashSet<BlobId> ids = [.. Different.Keys];
        Dictionary<BlobId, BlobState[]> states = [];
        await FoldAsync(states, ids.Contains, int.MaxValue, token);
        Different = [];
        DifferentCount = 0;
        Collect(states, now);
    }

    private async Task<bool> TryCompareAsync(DateTimeOffset now, uint passes, CancellationToken token)
    {
        Different = [];
        DifferentCount = 0;
        LiveBlobs = 0;
        for (uint pass = 0; pass < passes; pass++)
        {
            Dictionary<BlobId, BlobState[]> states = [];
            if (!await FoldAsync(states, id => (uint)id.GetHashCode() % passes == pass, maxIds, token))
            {
                return false;
            }

            LiveBlobs += Collect(states, now);
        }

        return true;
    }

    /// <summary>False when there are more than fit.</summary>
    private async Task<bool> FoldAsync(
        Dictionary<BlobId, BlobState[]> states, Func<BlobId, bool> isWanted, int most, CancellationToken token)
    {
        for (int replica = 0; replica < admins.Count; replica++)
        {
            var records = new ReplicaRecords(client, admins[replica], partition, withContent);
            await foreach (RecordLine line in records.ReadAsync(token))
            {
                if (!BlobId.TryParse(line.Id, out BlobId id))
                {
                    throw new IOException($"partition {partition} at {admins[replica]}: '{line.Id}' is no blob id");
                }

                if (!isWanted(id))
                {
                    continue;
                }

                if (!states.TryGetValue(id, out BlobState[]? each))
                {
                    if (states.Count >= most)
                    {
                        return false;
                    }

                    states.Add(id, each = new BlobState[admins.Count]);
                }

                each[replica] = each[replica].With(line);
            }

            _lastLsn[replica] = records.LastLsn;
        }

        return true;
    }

    /// <summary>How many are live anywhere.</summary>
    private long Collect(Dictionary<BlobId, BlobState[]> states, DateTimeOffset now)
    {
        long nowMs = now.ToUnixTimeMilliseconds();
        long live = 0;
        foreach ((BlobId id, BlobState[] each) in states)
        {
            BlobState first = each[0].SeenAt(nowMs);
            bool isSame = true;
            bool isLive = false;
            foreach (BlobState state in each)
            {
                BlobState seen = state.SeenAt(nowMs);
                isSame &= seen == first && !seen.IsDamaged;
                isLive |= seen.IsLive;
            }

            live += isLive ? 1 : 0;
            if (!isSame)
            {
                DifferentCount++;
                if (Different.Count < MaxKept)
                {
                    Different.Add(id, [.. each.Select(state => state.SeenAt(nowMs))]);
                }
            }
        }

        return live;
    }
}
