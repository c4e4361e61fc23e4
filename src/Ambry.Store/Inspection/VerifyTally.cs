using Ambry.Protocol;

namespace Ambry.Store.Inspection;

/// <summary>Counts what a pass meets, and tells how far it is. Not thread safe.</summary>
internal sealed class VerifyTally(IProgress<VerifyProgress>? progress, long bytesTotal)
{
    private const long ReportEveryBytes = 1024 * 1024;

    private readonly long[] _byKind = new long[(int)StoreRecordKind.Undelete + 1];
    private long _records;
    private long _erased;
    private long _bytes;
    private long _reported;

    public int Segments { get; set; }

    public long FirstLsn { get; private set; }

    public long LastLsn { get; private set; }

    public bool IsClosed { get; set; }

    public void AddBytes(long bytes)
    {
        _bytes += bytes;
        if (progress is not null && _bytes - _reported >= ReportEveryBytes)
        {
            _reported = _bytes;
            progress.Report(new VerifyProgress(_bytes, bytesTotal));
        }
    }

    /// <summary>An intact record.</summary>
    public void AddRecord(InspectedStoreRecord record)
    {
        _records++;
        _erased += record.IsErased ? 1 : 0;
        if (record.Entry is { } entry)
        {
            _byKind[(int)entry.Kind]++;
        }

        long lsn = record.Log.Header.Lsn;
        FirstLsn = FirstLsn == 0 ? lsn : FirstLsn;
        LastLsn = Math.Max(LastLsn, lsn);
    }

    public VerifyCounts ToCounts(IndexCursor? index) => new(
        Segments,
        FirstLsn,
        LastLsn,
        _records,
        _byKind[(int)StoreRecordKind.Put],
        _byKind[(int)StoreRecordKind.Delete],
        _byKind[(int)StoreRecordKind.TtlUpdate],
        _byKind[(int)StoreRecordKind.Undelete],
        _erased,
        _bytes,
        index?.Files ?? 0,
        index?.EntriesRead ?? 0,
        index?.NotCovered ?? 0,
        IsClosed);
}
