using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>How long blobs live: TTL update and undelete.</content>
public sealed partial class BlobStore
{
    // Each retry means that a compaction moved the record between the look-up and the read.
    private const int LookUpsMax = 16;

    /// <summary>
    /// Lets a blob live longer, or for ever. Refused when it expires within <see
    /// cref="BlobStoreOptions.TtlUpdateBuffer"/>, and when it would live shorter than it does.
    /// </summary>
    public ValueTask<StoreError> UpdateTtlAsync(UpdateTtlRequest request, CancellationToken token) => ChangeAsync(
        request.Id, StoreOperations.UpdateTtl, StoreError.None, () => UpdateTtlPendingAsync(request, token), token);

    /// <summary>
    /// Takes the deletion of a blob back, within <see cref="BlobStoreOptions.DeletedRetention"/> of it. The blob begins
    /// another life, with the expiry it had.
    /// </summary>
    public ValueTask<StoreError> UndeleteAsync(UndeleteBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id, StoreOperations.Undelete, StoreError.None, () => UndeletePendingAsync(request, token), token);

    private async ValueTask<StoreError> UpdateTtlPendingAsync(UpdateTtlRequest request, CancellationToken token)
    {
        if (await IndexOfRunning.FindAsync(request.Id, kind: null, token) is not { } newest)
        {
            return StoreError.NotFound;
        }

        long expires = UnixMillis.From(request.ExpiresAt);
        StoreError refused = LifetimeRules.CheckTtlUpdate(newest, expires, Clock.NowMillis, _options.TtlUpdateBuffer);
        return refused != StoreError.None
            ? refused
            : await AppendUpdateAsync(
                StoreRecordKind.TtlUpdate,
                new UpdateHead(request.Id, newest.LifeVersion, UnixMillis.From(request.UpdatedAt), expires));
    }

    private async ValueTask<StoreError> UndeletePendingAsync(UndeleteBlobRequest request, CancellationToken token)
    {
        if (await FindStateAsync(request.Id, token) is not { } state)
        {
            return StoreError.NotFound;
        }

        StoreError refused = LifetimeRules.CheckUndelete(state, Clock.NowMillis, _options.DeletedRetention);
        if (refused != StoreError.None)
        {
            return refused;
        }

        if (await IsErasedAsync(request.Id, token) || state.ExpiresAtMillis is not { } expires)
        {
            return StoreError.NotFound;
        }

        ushort life = (ushort)(state.LifeVersion + 1);
        return await AppendUpdateAsync(
            StoreRecordKind.Undelete,
            new UpdateHead(request.Id, life, UnixMillis.From(request.UndeletedAt), expires));
    }

    /// <summary>What all records of a blob add up to; null when there are none.</summary>
    private async ValueTask<BlobState?> FindStateAsync(BlobId id, CancellationToken token)
    {
        var records = new List<IndexEntry>();
        await IndexOfRunning.FindAllAsync(id, records, token);
        return BlobState.Of(records);
    }

    /// <summary>Whether the content of a blob is gone, or was overwritten: only the record itself tells.</summary>
    private async ValueTask<bool> IsErasedAsync(BlobId id, CancellationToken token)
    {
        for (int attempt = 1; ; attempt++)
        {
            if (await IndexOfRunning.FindAsync(id, StoreRecordKind.Put, token) is not { } put)
            {
                return true;
            }

            try
            {
                LogRecordHeader header = await LogOfRunning.ReadHeaderAsync(put.Position, token);
                return header.Kind == RecordKinds.ErasedPut;
            }
            catch (SegmentGoneException) when (attempt < LookUpsMax)
            {
                Log.RecordMoved(_logger, _name, attempt);
            }
            catch (CorruptRecordException)
            {
                // Its reader will say so; the blob is as alive as it was before its deletion.
                return false;
            }
        }
    }
}
