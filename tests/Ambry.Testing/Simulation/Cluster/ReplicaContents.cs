using Ambry.Protocol;
using Ambry.Server;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>What one replica has of a blob, as its records in order say. Immutable.</summary>
internal sealed record ReplicaBlob(
    bool HasContent, bool IsDeleted, ushort LifeVersion, DateTimeOffset? ExpiresAt, int SizeBytes, uint ContentCrc);

/// <summary>One replica's blobs, folded from its sequence. For one thread only.</summary>
internal sealed class ReplicaContents
{
    private const int Batch = 1000;

    private readonly Dictionary<BlobId, ReplicaBlob> _blobs = [];

    private ReplicaContents(string name)
    {
        Name = name;
    }

    public string Name { get; }

    public static async Task<ReplicaContents> ReadAsync(SimNode node, PartitionId partition)
    {
        var contents = new ReplicaContents(node.Site.Name);
        BlobPage page;
        long lsn = 0;
        do
        {
            page = await node.Node!.ListBlobsAsync(partition, lsn, Batch, verifyContent: true, CancellationToken.None);
            ClusterModel.Demand(
                page.Error == PeerError.None, $"{node.Id} answers {page.Error} for the records of {partition}");
            foreach (BlobRecord record in page.Records)
            {
                ClusterModel.Demand(
                    record.Content is null or PeerError.None or PeerError.Deleted or PeerError.Expired,
                    $"{node.Id}: {record.Content} for {record.Entry}");
                contents.Add(record.Entry);
            }

            ClusterModel.Demand(
                page.NextLsn > lsn || page.NextLsn == page.LastLsn,
                $"{node.Id} tells records of {partition} up to {lsn} of {page.LastLsn}");
            lsn = page.NextLsn;
        }
        while (lsn < page.LastLsn);

        return contents;
    }

    /// <summary>The first damaged blob; null when there is none.</summary>
    public static async Task<string?> FindRotAsync(SimNode node, PartitionId partition)
    {
        BlobPage page;
        long lsn = 0;
        do
        {
            page = await node.Node!.ListBlobsAsync(partition, lsn, Batch, verifyContent: true, CancellationToken.None);
            foreach (BlobRecord rot in page.Records.Where(record => record.Content == PeerError.Corrupt))
            {
                return $"{node.Id} has a damaged copy of {SimPeerClient.Short(rot.Entry.Id)}";
            }

            lsn = page.NextLsn > lsn ? page.NextLsn : page.LastLsn;
        }
        while (lsn < page.LastLsn);

        return null;
    }

    public ReplicaBlob? Find(BlobId id) => _blobs.GetValueOrDefault(id);

    /// <summary>The first blob in which two level replicas differ; null when there is none.</summary>
    public string? FindDifference(ReplicaContents other, DateTimeOffset now)
    {
        foreach (BlobId id in _blobs.Keys.Union(other._blobs.Keys))
        {
            ReplicaBlob? here = Find(id);
            ReplicaBlob? there = other.Find(id);
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
    private static bool AreEqual(ReplicaBlob? here, ReplicaBlob? there, DateTimeOffset now) =>
        IsGone(here, now) ? IsGone(there, now) : here == there;

    private static bool IsGone(ReplicaBlob? record, DateTimeOffset now) =>
        record is null or { IsDeleted: true } || record.ExpiresAt <= now;

    private static string Tell(ReplicaBlob? record) => record?.ToString() ?? "missing";

    private void Add(StoreEntry entry)
    {
        ReplicaBlob before = _blobs.GetValueOrDefault(entry.Id)
            ?? new ReplicaBlob(false, false, 0, null, 0, 0);
        bool isPut = entry.Kind == StoreRecordKind.Put;
        _blobs[entry.Id] = new ReplicaBlob(
            before.HasContent || isPut,
            entry.Kind == StoreRecordKind.Delete,
            entry.LifeVersion,
            entry.Kind == StoreRecordKind.Delete ? before.ExpiresAt : entry.ExpiresAt,
            isPut ? entry.SizeBytes : before.SizeBytes,
            isPut ? entry.ContentCrc : before.ContentCrc);
    }
}
