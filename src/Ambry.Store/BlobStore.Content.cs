using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>Content for senders that copy from file to socket without passing it through memory.</content>
public sealed partial class BlobStore
{
    /// <summary>
    /// Like <see cref="GetAsync"/>, but leaves the content where it is: see <see cref="ContentLease"/>. The caller
    /// disposes the lease; until then the segment's space is not given back.
    /// </summary>
    public async ValueTask<ContentLease> OpenContentAsync(GetBlobRequest request, CancellationToken token)
    {
        ContentLease lease = await ReadAsync(
            request,
            static (store, wanted, stop) => store.FindAndHoldAsync(wanted, stop),
            static error => new ContentLease(error),
            token);
        if (lease.Error != StoreError.None)
        {
            Metrics.Failed(_disk, StoreOperations.Get, lease.Error);
        }

        return lease;
    }

    private async ValueTask<ContentLease> FindAndHoldAsync(GetBlobRequest request, CancellationToken token)
    {
        ReadableBlob blob = await FindReadableAsync(request, token);
        if (blob.Error != StoreError.None)
        {
            return new ContentLease(blob.Error);
        }

        LogHold hold = LogOfRunning.Hold(blob.Put.Position);
        bool isHandedOver = false;
        try
        {
            ContentLease lease = await LeaseAsync(blob, hold, request, token);
            isHandedOver = lease.Error == StoreError.None;
            return lease;
        }
        catch (IOException damage) when (IsOfOneRecord(damage))
        {
            OnCorrupt(request.Id, blob.Put, damage);
            return new ContentLease(StoreError.Corrupt);
        }
        finally
        {
            if (!isHandedOver)
            {
                hold.Dispose();
            }
        }
    }

    private async ValueTask<ContentLease> LeaseAsync(
        ReadableBlob blob, LogHold hold, GetBlobRequest request, CancellationToken token)
    {
        IndexEntry put = blob.Put;
        LogRecordStart record = await LogOfRunning.ReadStartAsync(put.Position, new byte[HeadBytes], token);
        if (!IsOf(put, record.Header))
        {
            throw AnotherRecord(record.Header);
        }

        if (record.Header.Kind == RecordKinds.ErasedPut)
        {
            return new ContentLease(StoreError.Deleted);
        }

        ReadOnlyMemory<byte> checksums = record.Holds(ChecksumsPart)
            ? record.Part(ChecksumsPart)
            : await ReadChecksumsAsync(record, token);
        int start = (int)Math.Min(request.Offset, put.SizeBytes);
        int length = Math.Min(request.Length ?? put.SizeBytes, put.SizeBytes - start);
        (int from, int to) = length == 0
            ? (0, 0)
            : BlockChecksums.BlocksAround(start, length, put.SizeBytes);
        return new ContentLease(blob.Properties, await ReadMetadataAsync(record, token), hold)
        {
            FileOffset = hold.OffsetOf(put.Position, record.Header, ContentPart) + from,
            Length = to - from,
            RangeOffset = length == 0 ? 0 : start - from,
            RangeLength = length,
            BlockChecksums = checksums.Slice(
                from / BlockChecksums.BlockBytes * sizeof(uint), BlockChecksums.EncodedLength(to - from)),
        };
    }
}
