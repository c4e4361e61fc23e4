using System.Runtime.CompilerServices;
using Ambry.Log;
using Ambry.Store.Records;

namespace Ambry.Store.Index;

/// <summary>Reads index entries from the records of the store's log. Thread safe.</summary>
internal sealed class LogIndexSource(IAppendLog log) : IIndexSource
{
    public long DurableLsn => log.DurableLsn;

    public IReadOnlyList<LogSegmentState> Segments => log.Segments;

    public async IAsyncEnumerable<IndexEntry> ReadAsync(
        long fromLsn, long toLsn, [EnumeratorCancellation] CancellationToken token)
    {
        await foreach (LogRecord record in log.ReadFromAsync(fromLsn, token))
        {
            if (record.Header.Lsn > toLsn)
            {
                yield break;
            }

            yield return RecordDecoder.ToEntry(record);
        }
    }
}
