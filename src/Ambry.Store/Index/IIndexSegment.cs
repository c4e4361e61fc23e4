using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>A contiguous range of the log, findable by blob id. It never crosses a log segment. Thread safe.</summary>
internal interface IIndexSegment
{
    long FirstLsn { get; }

    /// <summary>The newest LSN covered; <see cref="FirstLsn"/> - 1 when there is none yet.</summary>
    long LastLsn { get; }

    /// <summary>The newest entry of an id, of one kind where one is asked for; null when there is none.</summary>
    /// <exception cref="IOException">The disk failed, or the stored page fails its checksum.</exception>
    ValueTask<IndexEntry?> FindAsync(BlobId id, BloomKey key, StoreRecordKind? kind, CancellationToken token);

    /// <summary>
    /// Appends up to <paramref name="max"/> entries above an LSN to <paramref name="target"/>, in LSN order.
    /// </summary>
    ValueTask CollectSinceAsync(long lsn, int max, List<IndexEntry> target, CancellationToken token);
}
