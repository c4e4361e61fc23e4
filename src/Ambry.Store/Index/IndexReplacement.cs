namespace Ambry.Store.Index;

/// <summary>
/// The entries of one compaction cycle on their way into the index: written as files beside the old ones, then put in
/// their place at once. Steps in this order: add, complete, (the log commits,) commit, (the log releases its sources,)
/// drop. Disposing without a commit deletes what was written. Used by one task.
/// </summary>
internal sealed class IndexReplacement(BlobIndex index, long firstLsn) : IAsyncDisposable
{
    /// <summary>The replacement covers the log from here on.</summary>
    public long FirstLsn => firstLsn;

    /// <summary>
    /// Takes the entry of a record with its new position; in LSN order. Writes a file whenever one is full.
    /// </summary>
    public ValueTask AddAsync(IndexEntry moved, CancellationToken token)
    {
        _ = index;
        throw new NotSupportedException();
    }

    /// <summary>
    /// The range ends at <paramref name="lastLsn"/>: writes what is left, and anew what follows it in the old file
    /// that reaches beyond. Nothing else writes index files until <see cref="Commit"/> or the disposal.
    /// </summary>
    public ValueTask CompleteAsync(long lastLsn, CancellationToken token) => throw new NotSupportedException();

    /// <summary>Switches look-ups to the new entries, in memory and at once. After the log's own commit.</summary>
    public void Commit() => throw new NotSupportedException();

    /// <summary>Deletes the files that were replaced. After the log has released its sources.</summary>
    public ValueTask DropReplacedAsync(CancellationToken token) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;
}
