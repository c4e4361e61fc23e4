using System.Buffers;
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
    public ValueTask<StoreError> PutAsync(PutBlobRequest request, CancellationToken token) =>
        PutAsync(request, replicated: false, token);

    /// <summary>Stores a blob that another replica has taken already: a sealed store has room kept for it.</summary>
    public ValueTask<StoreError> PutReplicatedAsync(PutBlobRequest request, CancellationToken token) =>
        PutAsync(request, replicated: true, token);

    /// <summary>
    /// Deletes a blob: its record stays, reads answer Deleted, and the id cannot be put again. Not found when the blob
    /// was never here.
    /// </summary>
    public async ValueTask<StoreError> DeleteAsync(DeleteBlobRequest request, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (request.Id.Partition != PartitionId)
        {
            return StoreError.BadRequest;
        }

        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        try
        {
            await _pending.EnterAsync(request.Id);
            try
            {
                return await DeletePendingAsync(request, token);
            }
            finally
            {
                _pending.Exit(request.Id);
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

    private async ValueTask<StoreError> PutAsync(PutBlobRequest request, bool replicated, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        StoreError invalid = Check(request);
        if (invalid != StoreError.None)
        {
            return invalid;
        }

        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        try
        {
            await _pending.EnterAsync(request.Id);
            try
            {
                return await PutPendingAsync(request, replicated, token);
            }
            finally
            {
                _pending.Exit(request.Id);
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

    private StoreError Check(PutBlobRequest request)
    {
        if (request.Content.Length > BlobLimits.MaxContentBytes
            || request.UserMetadata.Length > BlobLimits.MaxUserMetadataBytes
            || request.Content.Length + request.UserMetadata.Length + SegmentOverheadBytes > _options.SegmentBytes)
        {
            return StoreError.TooLarge;
        }

        return request.Id.Partition == PartitionId && request.Properties.SizeBytes == request.Content.Length
            ? StoreError.None
            : StoreError.BadRequest;
    }

    private async ValueTask<StoreError> PutPendingAsync(
        PutBlobRequest request, bool replicated, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (await IndexOfRunning.FindAsync(request.Id, kind: null, token) is { } found)
        {
            return Compare(found, request.Content.Span);
        }

        if (!replicated && IsSealed)
        {
            return StoreError.ReadOnly;
        }

        StoreError room = await MakeRoomInIndexAsync();
        if (room != StoreError.None)
        {
            return room;
        }

        await AppendPutAsync(request);
        return StoreError.None;
    }

    /// <summary>A second put of an id: the same bytes are a retry, others a collision.</summary>
    private static StoreError Compare(in IndexEntry found, ReadOnlySpan<byte> content)
    {
        if (found.Kind == StoreRecordKind.Delete)
        {
            return StoreError.Deleted;
        }

        return found.SizeBytes == content.Length && found.ContentCrc == Crc32C.Compute(content)
            ? StoreError.None
            : StoreError.AlreadyExists;
    }

    private async ValueTask AppendPutAsync(PutBlobRequest request)
    {
        var head = new PutHead(
            request.Id,
            LifeVersion: 0,
            request.Content.Length,
            UnixMillis.From(request.Properties.CreatedAt),
            UnixMillis.From(request.Properties.ExpiresAt));
        int checksumBytes = BlockChecksums.EncodedLength(request.Content.Length);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PutHead.EncodedLength + checksumBytes);
        try
        {
            head.Write(buffer);
            Memory<byte> checksums = buffer.AsMemory(PutHead.EncodedLength, checksumBytes);
            BlockChecksums.Write(request.Content.Span, checksums.Span);
            await LogOfRunning.AppendAsync(
                new LogAppend(
                    (byte)StoreRecordKind.Put,
                    buffer.AsMemory(0, PutHead.EncodedLength),
                    request.UserMetadata,
                    checksums,
                    request.Content,
                    new PutObserver(IndexOfRunning, head)),
                CancellationToken.None);
            OnRoom();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask<StoreError> DeletePendingAsync(DeleteBlobRequest request, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        IndexEntry? found = await IndexOfRunning.FindAsync(request.Id, kind: null, token);
        if (found is not { } newest)
        {
            return StoreError.NotFound;
        }

        if (newest.Kind == StoreRecordKind.Delete)
        {
            return StoreError.Deleted;
        }

        StoreError room = await MakeRoomInIndexAsync();
        if (room != StoreError.None)
        {
            return room;
        }

        var head = new DeleteHead(request.Id, newest.LifeVersion, UnixMillis.From(request.DeletedAt));
        byte[] bytes = new byte[DeleteHead.EncodedLength];
        head.Write(bytes);
        await LogOfRunning.AppendAsync(
            new LogAppend((byte)StoreRecordKind.Delete, bytes, Durable: new DeleteObserver(IndexOfRunning, head)),
            CancellationToken.None);
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
