using Ambry.Metadata;
using Ambry.Metadata.Shards;
using Ambry.Metadata.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Testing.Metadata;

/// <summary>
/// The mapping without files: the very state machine, shard loops and listings of the local store over states and logs
/// in memory. It runs on the caller's synchronization context, so the simulator can own it.
/// </summary>
public sealed class InMemoryMetadataStore : ShardedMetadataStore
{
    private InMemoryMetadataStore(
        IReadOnlyList<Shard> shards, BucketCatalog catalog, IReadOnlyList<MemoryShardLog> logs, MetadataOptions options)
        : base(shards, catalog, options.DefaultBucketWidth)
    {
        Logs = logs;
        States = [.. shards.Select(shard => (MemoryShardState)shard.State)];
    }

    internal IReadOnlyList<MemoryShardLog> Logs { get; }

    internal IReadOnlyList<MemoryShardState> States { get; }

    public static InMemoryMetadataStore Create(MetadataOptions options)
    {
        var catalog = new BucketCatalog();
        var limits = ShardLimits.From(options);
        var logs = Enumerable.Range(0, options.ShardCount).Select(_ => new MemoryShardLog()).ToList();
        var shards = logs
            .Select((log, i) => new Shard(
                i, new MemoryShardState(isDurable: true), log, catalog, limits, NullLogger.Instance))
            .ToList();
        shards.ForEach(shard => shard.Start());
        return new InMemoryMetadataStore(shards, catalog, logs, options);
    }
}
