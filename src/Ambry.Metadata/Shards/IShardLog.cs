namespace Ambry.Metadata.Shards;

/// <summary>
/// The ordered, durable log of one shard. Indexes rise from entry to entry, not always by one. One appender at a time;
/// the rest is thread safe.
/// </summary>
internal interface IShardLog
{
    /// <summary>Whether this member may answer reads from its state now without asking the others.</summary>
    bool HasLease { get; }

    /// <summary>Appends a batch; completes when it is durable and will never be taken back.</summary>
    /// <returns>Its index.</returns>
    /// <exception cref="Ambry.Log.LogFullException">There is no room; nothing was written and later appends may
    /// succeed.</exception>
    /// <exception cref="IOException">The outcome is unknown; the shard must stop.</exception>
    ValueTask<long> AppendAsync(ReadOnlyMemory<byte> batch, CancellationToken token);

    /// <summary>Entries from an index on, in order, up to what is durable now; memory is valid until the next
    /// step.</summary>
    IAsyncEnumerable<ShardLogEntry> ReadFromAsync(long index, CancellationToken token);

    /// <summary>Entries below the index are not needed by this shard any more.</summary>
    ValueTask TruncateBelowAsync(long index, CancellationToken token);

    /// <summary>
    /// The index that has to be applied before a read may be answered that began now; null when this member cannot
    /// know.
    /// </summary>
    ValueTask<long?> ReadBarrierAsync(CancellationToken token);
}

internal readonly record struct ShardLogEntry(long Index, ReadOnlyMemory<byte> Batch);
