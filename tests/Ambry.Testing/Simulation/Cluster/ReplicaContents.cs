using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>What one replica has of a blob, as its records in order say. Immutable.</summary>
internal sealed record BlobRecord(
    bool HasContent, bool IsDeleted, ushort LifeVersion, DateTimeOffset? ExpiresAt, int SizeBytes, uint ContentCrc);

/// <summary>One replica's blobs, folded from its sequence. For one thread only.</summary>
internal sealed class ReplicaContents
{
    private const int Batch = 1000;

    private readonly Dictionary<BlobId, BlobRecord> _blobs = [];

    private ReplicaContents(string name)
    {
        Name = name;
    }

    public string Name { get; }

    public static async Task<ReplicaContents> ReadAsync(SimNode node, PartitionId partition)
    {
        var contents = new ReplicaContents(node.Site.Name);
        BlobStore store = node.Node!.FindStore(partition)
            ?? throw new SimulationFault($"{node.Id} has no store of {partition}");
        long lsn = 0;
        while (lsn < store.LastLsn)
        {
            StoreEntries entries = await store.FindSinceAsync(lsn, Batch, CancellationToken.None);
            ClusterModel.Demand(
                entries.Error == StoreError.None && entries.CoveredTo > lsn,
                $"{node.Id} answers {entries.Error} for the records of {partition} after {lsn} of {store.LastLsn}");
            foreach (StoreEntry entry in entries.Entries)
            {
                contents.Add(entry);
            }

            lsn = entries.CoveredTo;
        }

        return contents;
    }

    public BlobRecord? Find(BlobId id) => _blobs.GetValueOrDefault(id);

    /// <summary>The first blob in which two level replicas differ; null when there is none.</summary>
    public string? FindDifference(ReplicaContents other, DateTimeOffset now)
    {
        foreach (BlobId id in _blobs.Keys.Union(other._blobs.Keys))
        {
            BlobRecord? here = Find(id);
            BlobRecord? there = other.Find(id);
            if (!AreEqual(here, there, now))
            {
                return $"{SimPeerClient.Short(id)} ({id}) is {Tell(here)} and {Tell(there)}";
            }
        }

        return null;
    }

    /// <summary>
    /// Of a blob that is gone the replicas may have forgotten different parts; of a live one they must say the same.
    /// </summary>
    private static bool AreEqual(BlobRecord? here, BlobRecord? there, DateTimeOffset now) =>
        IsGone(here, now) ? IsGone(there, now) : here == there;

    private static bool IsGone(BlobRecord? record, DateTimeOffset now) =>
        record is null or { IsDeleted: true } || record.ExpiresAt <= now;

    private static string Tell(BlobRecord? record) => record?.ToString() ?? "missing";

    private void Add(StoreEntry entry)
    {
        BlobRecord before = _blobs.GetValueOrDefault(entry.Id)
            ?? new BlobRecord(false, false, 0, null, 0, 0);
        bool isPut = entry.Kind == StoreRecordKind.Put;
        _blobs[entry.Id] = new BlobRecord(
            before.HasContent || isPut,
            entry.Kind == StoreRecordKind.Delete,
            entry.LifeVersion,
            entry.Kind == StoreRecordKind.Delete ? before.ExpiresAt : entry.ExpiresAt,
            isPut ? entry.SizeBytes : before.SizeBytes,
            isPut ? entry.ContentCrc : before.ContentCrc);
    }
}
