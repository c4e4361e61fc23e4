using Ambry.Protocol;

namespace Ambry.Store;

/// <content>Contents whose bytes were damaged, put back from another replica.</content>
public sealed partial class BlobStore
{
    /// <summary>
    /// Writes a blob anew whose bytes here fail their checksum; the damaged record is garbage then. None: it was
    /// written, or nothing was wrong. The blob keeps its life and its expiry. <see cref="StoreError.AlreadyExists"/>:
    /// these are not the bytes that were here. A deleted blob is not repaired.
    /// </summary>
    /// <param name="request">As another replica has the blob.</param>
    public ValueTask<StoreError> RepairAsync(PutBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id, StoreOperations.Repair, Check(request), () => RepairPendingAsync(request, token), token);

    private async ValueTask<StoreError> RepairPendingAsync(PutBlobRequest request, CancellationToken token)
    {
        if (await FindStateAsync(request.Id, token) is not { Put: { } put, ExpiresAtMillis: { } expires } state)
        {
            return StoreError.NotFound;
        }

        // A PUT after the tombstone would take the deletion back.
        if (state.IsDeleted)
        {
            return StoreError.Deleted;
        }

        if (!IsSame(put, request))
        {
            return StoreError.AlreadyExists;
        }

        using StoreReadResult read = await GetAsync(new GetBlobRequest(request.Id, IncludeExpired: true), token);
        return read.Error == StoreError.Corrupt
            ? await AppendPutAsync(request, state.LifeVersion, expires)
            : read.Error;
    }
}
