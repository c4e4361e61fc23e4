using Ambry.Log;

namespace Ambry.Store.Index;

/// <summary>The log as the index sees it: what every index file can be made anew from. Thread safe.</summary>
internal interface IIndexSource
{
    /// <summary>The newest durable record's LSN.</summary>
    long DurableLsn { get; }

    /// <summary>The live segments of the log, oldest first.</summary>
    IReadOnlyList<LogSegmentState> Segments { get; }

    /// <summary>The entries of all live records from one LSN to another, in LSN order.</summary>
    /// <exception cref="CorruptRecordException">A record is damaged, missing or unknown.</exception>
    IAsyncEnumerable<IndexEntry> ReadAsync(long fromLsn, long toLsn, CancellationToken token);
}
