using Ambry.Metadata.Commands;
using Ambry.Metadata.Shards;
using Ambry.Metadata.State;

namespace Ambry.Metadata;

/// <summary>
/// The mapping over its shards: routes each command to the shard that decides it, and reads shards directly. Holds no
/// state of its own besides the catalogue of buckets. Thread safe.
/// </summary>
public abstract partial class ShardedMetadataStore : IMetadataStore, IAsyncDisposable
{
    private readonly IReadOnlyList<Shard> _shards;
    private readonly BucketCatalog _catalog;
    private readonly int _defaultWidth;

    private protected ShardedMetadataStore(IReadOnlyList<Shard> shards, BucketCatalog catalog, int defaultWidth)
    {
        _shards = shards;
        _catalog = catalog;
        _defaultWidth = defaultWidth is > 0 && defaultWidth < shards.Count ? defaultWidth : shards.Count;
    }

    public int ShardCount => _shards.Count;

    /// <summary>Every shard answers.</summary>
    public bool IsReady => _shards.All(shard => shard.IsOpen);

    /// <summary>Answers what is queued, then closes the shards.</summary>
    public virtual async ValueTask DisposeAsync()
    {
        foreach (var shard in _shards)
        {
            await shard.DisposeAsync();
        }

        _bucketGate.Dispose();
        GC.SuppressFinalize(this);
    }

    private Shard ShardOf(BucketRecord bucket, ObjectKey key) => _shards[SlotMap.ShardOf(bucket, key, ShardCount)];

    private IEnumerable<Shard> ShardsOf(BucketRecord bucket) =>
        SlotMap.ShardsOf(bucket, ShardCount).Select(number => _shards[number]);

    private static ValueTask<CommandOutcome> SubmitAsync(Shard shard, Command command, CancellationToken token) =>
        shard.SubmitAsync(CommandCodec.Encode(command), token);

    private static async ValueTask<MetadataError> ChangeAsync(Shard shard, Command command, CancellationToken token)
    {
        var outcome = await SubmitAsync(shard, command, token);
        return outcome.Error;
    }

    /// <summary>For answers that cannot say Unavailable.</summary>
    private static async ValueTask RequireAsync(Shard shard, CancellationToken token)
    {
        if (!await shard.CanReadAsync(token))
        {
            throw new IOException($"Shard {shard.Number} of the mapping cannot answer: it stopped or its log failed.");
        }
    }

    /// <summary>None when the bucket is there and all the shards can be read.</summary>
    private async ValueTask<MetadataError> CheckReadAsync(
        BucketRecord bucket, IEnumerable<Shard> shards, CancellationToken token)
    {
        if (!_catalog.Contains(bucket))
        {
            return IsReady ? MetadataError.NoSuchBucket : MetadataError.Unavailable;
        }

        foreach (var shard in shards)
        {
            if (!await shard.CanReadAsync(token))
            {
                return MetadataError.Unavailable;
            }
        }

        return MetadataError.None;
    }
}
