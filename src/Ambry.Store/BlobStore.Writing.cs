using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>Changes: put and delete.</content>
public sealed partial class BlobStore
{
    // The original's: client writes stop where deletes and replication still have room.
    private const double SealAbove = 0.95;
    private const double UnsealBelow = 0.90;

    // More than a segment and a record hold beside content and user metadata: headers, properties, block checksums.
    private const int SegmentOverheadBytes = 4096;

    /// <summary>
    /// Whether the store takes no new blobs from clients: set above 95 % of the capacity, taken back below 90 %.
    /// </summary>
    public bool IsSealed => RefreshSeal();

    /// <summary>
    /// Stores a blob. None: durable by the store's mode, or already there with the same bytes. Once the record is on
    /// its way to the log cancellation has no effect: the outcome is known when the call completes.
    /// </summary>
    public ValueTask<StoreError> PutAsync(PutBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id, StoreOperations.Put, Check(request), () => PutPendingAsync(request, token), token);

    /// <summary>
    /// Deletes a blob: its record stays, reads answer Deleted, and the id cannot be put again. Not found when the blob
    /// was never here.
    /// </summary>
    public ValueTask<StoreError> DeleteAsync(DeleteBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id, StoreOperations.Delete, StoreError.None, () => DeletePendingAsync(request, token), token);

    /// <summary>
    /// Runs a change of a blob while nobody else changes it. The change appends at most one record, last.
    /// </summary>
    /// <param name="invalid">What is wrong with the request itself.</param>
    private async ValueTask<StoreError> ChangeAsync(
        BlobId id,
        string operation,
        StoreError invalid,
        Func<ValueTask<StoreError>> change,
        CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        StoreError error = invalid != StoreError.None ? invalid
            : id.Partition != PartitionId ? StoreError.BadRequest
            : await ChangeAsync(id, change, token);
        if (error != StoreError.None)
        {
            Metrics.Failed(_disk, operation, error);
        }

        return error;
    }

    private async ValueTask<StoreError> ChangeAsync(
        BlobId id, Func<ValueTask<StoreError>> change, CancellationToken token)
    {
        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        try
        {
            await _pending.EnterAsync(id);
            try
            {
                token.ThrowIfCancellationRequested();
                return await change();
            }
            finally
            {
                _pending.Exit(id);
            }
        }
        catch (IOException fault)
        {
            return OnFault(fault);
        }
        finally
        {
            Exit();
        }
    }

    private bool RefreshSeal()
    {
        bool before;
        bool now;
        long used = UsedBytes;
        lock (_gate)
        {
            before = _sealed;
            now = used > _options.CapacityBytes * (before ? UnsealBelow : SealAbove);
            _sealed = now;
        }

        if (now && !before)
        {
            Log.Sealed(_logger, _name, used, _options.CapacityBytes);
        }
        else if (before && !now)
        {
            Log.Unsealed(_logger, _name, used, _options.CapacityBytes);
        }

        return now;
    }

    private StoreError Check(PutBlobRequest request)
    {
        if (request.Content.Length > BlobLimits.MaxContentBytes
            || request.UserMetadata.Length > BlobLimits.MaxUserMetadataBytes
            || request.Content.Length + request.UserMetadata.Length + SegmentOverheadBytes > _options.SegmentBytes)
        {
            return StoreError.TooLarge;
        }

        return request.Properties.SizeBytes == request.Content.Length ? StoreError.None : StoreError.BadRequest;
    }

    private async ValueTask<StoreError> PutPendingAsync(PutBlobRequest request, CancellationToken token)
    {
        if (await IndexOfRunning.FindAsync(request.Id, kind: null, token) is { } newest)
        {
            return await CompareAsync(newest, request, token);
        }

        return IsSealed
            ? StoreError.ReadOnly
            : await AppendPutAsync(request, lifeVersion: 0, UnixMillis.From(request.Properties.ExpiresAt));
    }

    /// <summary>A second put of an id: the same bytes are a retry, others a collision.</summary>
    private async ValueTask<StoreError> CompareAsync(
        IndexEntry newest, PutBlobRequest request, CancellationToken token)
    {
        if (newest.Kind == StoreRecordKind.Delete)
        {
            return StoreError.Deleted;
        }

        IndexEntry? put = newest.Kind == StoreRecordKind.Put
            ? newest
            : await IndexOfRunning.FindAsync(request.Id, StoreRecordKind.Put, token);

        // Updates outlast the content only where it expired.
        return put is not { } held ? StoreError.Expired
            : IsSame(held, request) ? StoreError.None : StoreError.AlreadyExists;
    }

    private static bool IsSame(in IndexEntry put, PutBlobRequest request) =>
        put.SizeBytes == request.Content.Length && put.ContentCrc == Crc32C.Compute(request.Content.Span);

    private async ValueTask<StoreError> DeletePendingAsync(DeleteBlobRequest request, CancellationToken token)
    {
        IndexEntry? newest = await IndexOfRunning.FindAsync(request.Id, kind: null, token);
        return newest is not { } found ? StoreError.NotFound
            : found.Kind == StoreRecordKind.Delete ? StoreError.Deleted
            : await AppendDeleteAsync(
                new DeleteHead(request.Id, found.LifeVersion, UnixMillis.From(request.DeletedAt)));
    }

    private async ValueTask<StoreError> AppendPutAsync(
        PutBlobRequest request, ushort lifeVersion, long expiresAtMillis)
    {
        using var record = new PutRecord(request, lifeVersion, expiresAtMillis);
        return await AppendAsync(record.ToAppend(IndexOfRunning), StoreOperations.Put);
    }

    private async ValueTask<StoreError> AppendDeleteAsync(DeleteHead head)
    {
        byte[] bytes = new byte[DeleteHead.EncodedLength];
        head.Write(bytes);
        var record = new LogAppend(
            (byte)StoreRecordKind.Delete, bytes, Durable: new DeleteObserver(IndexOfRunning, head));
        return await AppendAsync(record, StoreOperations.Delete);
    }

    private async ValueTask<StoreError> AppendUpdateAsync(StoreRecordKind kind, UpdateHead head)
    {
        byte[] bytes = new byte[UpdateHead.EncodedLength];
        head.Write(bytes);
        var record = new LogAppend((byte)kind, bytes, Durable: new UpdateObserver(IndexOfRunning, kind, head));
        return await AppendAsync(
            record, kind == StoreRecordKind.Undelete ? StoreOperations.Undelete : StoreOperations.UpdateTtl);
    }

    private async ValueTask<StoreError> AppendAsync(LogAppend record, string operation)
    {
        StoreError room = await MakeRoomInIndexAsync();
        if (room != StoreError.None)
        {
            return room;
        }

        long began = _time.GetTimestamp();
        await LogOfRunning.AppendAsync(record, CancellationToken.None);
        if (record.Part3.Length > 0)
        {
            // A short record says nothing: it fits where content does not.
            OnRoom();
        }

        Metrics.Appended(_disk, operation, _time.GetElapsedTime(began), record.Part3.Length);
        return StoreError.None;
    }

    /// <summary>
    /// Starts writing closed index segments when there are some, and waits for it only when too many have gathered:
    /// memory stays bounded, and a disk too full for the index takes no more records either.
    /// </summary>
    private async ValueTask<StoreError> MakeRoomInIndexAsync()
    {
        int waiting = IndexOfRunning.SealedWithoutFile;
        if (waiting == 0)
        {
            return StoreError.None;
        }

        Task flush = StartSealedFlushAsync();
        if (waiting <= MaxSealedInMemory)
        {
            return StoreError.None;
        }

        await flush;
        return IndexOfRunning.SealedWithoutFile <= MaxSealedInMemory ? StoreError.None : StoreError.Full;
    }

    private Task StartSealedFlushAsync()
    {
        TaskCompletionSource done;
        lock (_gate)
        {
            if (!_sealedFlush.IsCompleted)
            {
                return _sealedFlush;
            }

            done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _sealedFlush = done.Task;
        }

        return FlushSealedAsync(done);
    }

    private async Task FlushSealedAsync(TaskCompletionSource done)
    {
        try
        {
            long lsn = await SyncLogAsync(LogOfRunning, CancellationToken.None);
            await IndexOfRunning.FlushAsync(checkpoint: false, lsn, CancellationToken.None);
            Metrics.IndexFlushed(_disk);
        }
        catch (IOException fault)
        {
            OnFault(fault);
        }
        finally
        {
            done.SetResult();
        }
    }
}
