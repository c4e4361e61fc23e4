using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store.Records;

/// <summary>What the index keeps of a record that was read back from the log.</summary>
internal static class RecordDecoder
{
    /// <exception cref="CorruptRecordException">Not a record of this version of the store, though its checksums
    /// hold.</exception>
    public static IndexEntry ToEntry(LogRecord record)
    {
        var kind = (StoreRecordKind)record.Header.Kind;
        switch (kind)
        {
            case StoreRecordKind.Put or (StoreRecordKind)RecordKinds.ErasedPut
                when PutHead.TryRead(record.Part0.Span, out PutHead put)
                && put.SizeBytes == record.Header.Lengths.Part3:
                return IndexEntry.ForPut(put, record.Header, record.Position);
            case StoreRecordKind.Delete when DeleteHead.TryRead(record.Part0.Span, out DeleteHead delete):
                return IndexEntry.ForDelete(delete, record.Header, record.Position);
            case StoreRecordKind.TtlUpdate or StoreRecordKind.Undelete
                when UpdateHead.TryRead(record.Part0.Span, out UpdateHead update):
                return IndexEntry.ForUpdate(kind, update, record.Header, record.Position);
            default:
                throw new CorruptRecordException(
                    $"Record {record.Header.Lsn} of kind {record.Header.Kind} is not one that this version can read.");
        }
    }
}
