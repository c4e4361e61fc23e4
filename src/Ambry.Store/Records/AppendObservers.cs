using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store.Records;

/// <summary>Tells the index of one PUT once it is durable.</summary>
internal sealed class PutObserver(BlobIndex index, PutHead head) : ILogAppendObserver
{
    public void OnDurable(in LogRecordHeader header, LogPosition position) =>
        index.Add(IndexEntry.ForPut(head, header, position));
}

/// <summary>Tells the index of one TTL UPDATE or UNDELETE once it is durable.</summary>
internal sealed class UpdateObserver(BlobIndex index, StoreRecordKind kind, UpdateHead head) : ILogAppendObserver
{
    public void OnDurable(in LogRecordHeader header, LogPosition position) =>
        index.Add(IndexEntry.ForUpdate(kind, head, header, position));
}

/// <summary>Tells the index of one DELETE once it is durable.</summary>
internal sealed class DeleteObserver(BlobIndex index, DeleteHead head) : ILogAppendObserver
{
    public void OnDurable(in LogRecordHeader header, LogPosition position) =>
        index.Add(IndexEntry.ForDelete(head, header, position));
}
