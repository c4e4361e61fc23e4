using System.Collections.Immutable;
using Ambry.Metadata.Codec;

namespace Ambry.Metadata.State;

/// <summary>A bucket record set, or removed when <paramref name="Bucket"/> is null.</summary>
internal readonly record struct BucketChange(string Name, StoredBucket? Bucket);

/// <summary>
/// All buckets in memory. Written by the system shard's apply alone, which swaps immutable maps; read from any thread.
/// </summary>
internal sealed class BucketCatalog
{
    private volatile ImmutableSortedDictionary<string, StoredBucket> _byName =
        ImmutableSortedDictionary.Create<string, StoredBucket>(StringComparer.Ordinal);

    /// <summary>Buckets whose deletion was begun and not ended.</summary>
    public IEnumerable<BucketRecord> Deleting => _byName.Values.Where(b => b.IsDeleting).Select(b => b.Record);

    /// <summary>Whether the very bucket is being deleted.</summary>
    public bool IsDeleting(BucketRecord bucket) =>
        _byName.TryGetValue(bucket.Name, out var present) && present.IsDeleting && present.Record.Id == bucket.Id;

    public BucketRecord? Find(string name) =>
        _byName.TryGetValue(name, out var bucket) && !bucket.IsDeleting ? bucket.Record : null;

    /// <summary>Whether the very bucket is there, and not another one of its name.</summary>
    public bool Contains(BucketRecord bucket) => Find(bucket.Name)?.Id == bucket.Id;

    public IReadOnlyList<BucketRecord> List() => [.. _byName.Values.Where(b => !b.IsDeleting).Select(b => b.Record)];

    public void Apply(IReadOnlyList<BucketChange> changes)
    {
        if (changes.Count == 0)
        {
            return;
        }

        var next = _byName.ToBuilder();
        foreach (var change in changes)
        {
            if (change.Bucket is null)
            {
                next.Remove(change.Name);
            }
            else
            {
                next[change.Name] = change.Bucket;
            }
        }

        _byName = next.ToImmutable();
    }
}
