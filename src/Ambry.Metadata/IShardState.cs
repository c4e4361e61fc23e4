namespace Ambry.Metadata;

/// <summary>
/// The ordered bytes a shard's state machine works on: keys in unsigned byte order, up to 1,200 bytes each. Changes
/// come in through <see cref="Apply"/> alone, by one caller at a time, and are visible at once to every later read;
/// reads come from any thread.
/// </summary>
internal interface IShardState : IAsyncDisposable
{
    /// <summary>The index of the newest applied log entry; 0 when empty.</summary>
    long AppliedIndex { get; }

    /// <summary>
    /// The newest index that is durable in this state itself: the log may be cut below it, and replay starts behind it.
    /// </summary>
    long FoldedIndex { get; }

    ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken token);

    /// <summary>The first items with <paramref name="from"/> ≤ key &lt; <paramref name="to"/>, in order; an empty
    /// <paramref name="to"/> is no bound.</summary>
    ValueTask<IReadOnlyList<ShardItem>> ScanAsync(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, int limit, CancellationToken token);

    /// <summary>
    /// Applies the changes of one log entry atomically. An index at or below the applied one is ignored.
    /// </summary>
    void Apply(long index, IReadOnlyList<ShardChange> changes);

    /// <summary>It has stopped for good and answers nothing any more.</summary>
    bool HasFailed { get; }

    /// <summary>Some of it cannot be read any more: it takes no changes, and such a read fails.</summary>
    bool IsDamaged { get; }

    /// <summary>
    /// Completes when the overlay is small enough to take more; called before an entry with changes is appended.
    /// </summary>
    /// <returns>None, or why waiting would not help now.</returns>
    ValueTask<MetadataError> WaitForRoomAsync(CancellationToken token);
}

internal readonly record struct ShardItem(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Value);

/// <summary>Sets a key, or removes it when <paramref name="Value"/> is null.</summary>
internal readonly record struct ShardChange(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte>? Value);
