using Ambry.Protocol;

namespace Ambry.Control;

/// <summary>Which records a dump shows. Counts what it lets through; not thread safe.</summary>
internal sealed class RecordFilter(long fromLsn, long toLsn, long limit, BlobId? id)
{
    private long _shown;

    public bool IsFull => _shown >= limit;

    public long FromLsn => fromLsn;

    public long ToLsn => toLsn;

    /// <summary>Whether records without an id are left out.</summary>
    public bool WantsOneBlob => id is not null;

    /// <summary>Whether to show a record; one without an LSN is unreadable, and shown.</summary>
    public bool Takes(long? lsn, BlobId? of)
    {
        if (IsFull || lsn < fromLsn || lsn > toLsn || (id is not null && of != id))
        {
            return false;
        }

        _shown++;
        return true;
    }
}
