using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>What other replicas have: taken whenever it is newer than what is here, whatever a client would be
/// told.</content>
public sealed partial class BlobStore
{
    /// <summary>
    /// Stores a blob as another replica has it now: a sealed store has room kept for it. A deletion in an earlier life
    /// is overcome. None when it was there with the same bytes.
    /// </summary>
    /// <param name="request">The expiry is the blob's present one.</param>
    /// <param name="lifeVersion">Of the record that the other replica has.</param>
    public ValueTask<StoreError> PutReplicatedAsync(
        PutBlobRequest request, ushort lifeVersion, CancellationToken token) => ChangeAsync(
        request.Id,
        StoreOperations.Put,
        Check(request),
        () => PutReplicatedPendingAsync(request, lifeVersion, token),
        token);

    /// <summary>
    /// Takes over a record of another replica, as far as it says something new. None: something was written. <see
    /// cref="StoreError.NotFound"/>: the content is needed first, see <see cref="PutReplicatedAsync"/>. <see
    /// cref="StoreError.AlreadyUpdated"/>, <see cref="StoreError.Deleted"/> and <see
    /// cref="StoreError.LifeVersionConflict"/>: nothing new in it.
    /// </summary>
    public ValueTask<StoreError> ApplyAsync(StoreEntry entry, CancellationToken token) => ChangeAsync(
        entry.Id, StoreOperations.Apply, StoreError.None, () => ApplyPendingAsync(entry, token), token);

    /// <summary>
    /// What <see cref="ApplyAsync"/> would answer now; nothing is written. <see cref="StoreError.AlreadyExists"/>: the
    /// entry is a put, and the id has other bytes here.
    /// </summary>
    public async ValueTask<StoreError> PreviewAsync(StoreEntry entry, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        try
        {
            BlobState? here = await FindStateAsync(entry.Id, token);
            if (entry.Kind == StoreRecordKind.Put && here?.Put is { } put
                && (put.SizeBytes != entry.SizeBytes || put.ContentCrc != entry.ContentCrc))
            {
                return StoreError.AlreadyExists;
            }

            return (await MergeAsync(here, entry, token)).Error;
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

    /// <summary>
    /// About how many bytes of records lie above an LSN: whole segments, and of the one it is in, its share.
    /// </summary>
    public long EstimateBytesSince(long lsn)
    {
        if (_log is null)
        {
            return 0;
        }

        double bytes = 0;
        foreach (LogSegmentState segment in _log.Segments)
        {
            if (segment.LastLsn > lsn)
            {
                double records = segment.LastLsn - segment.FirstLsn + 1;
                bytes += segment.UsedBytes * Math.Min(records, segment.LastLsn - lsn) / records;
            }
        }

        return (long)bytes;
    }

    private async ValueTask<StoreError> PutReplicatedPendingAsync(
        PutBlobRequest request, ushort lifeVersion, CancellationToken token)
    {
        BlobState? here = await FindStateAsync(request.Id, token);
        var there = new StoreEntry(
            Lsn: 0,
            request.Id,
            StoreRecordKind.Put,
            lifeVersion,
            request.Properties.CreatedAt,
            request.Properties.ExpiresAt,
            request.Content.Length,
            ContentCrc: 0);
        MergeVerdict verdict = await MergeAsync(here, there, token);
        if (verdict.Error == StoreError.NotFound)
        {
            long expires = LifetimeRules.Later(here?.ExpiresAtMillis, UnixMillis.From(request.Properties.ExpiresAt));
            return await AppendPutAsync(request, lifeVersion, expires);
        }

        if (verdict.Error is not StoreError.None and not StoreError.AlreadyUpdated)
        {
            return verdict.Error;
        }

        if (here?.Put is { } put && !IsSame(put, request))
        {
            return StoreError.AlreadyExists;
        }

        return verdict.Error == StoreError.None ? await AppendAsync(verdict, there) : StoreError.None;
    }

    private async ValueTask<StoreError> ApplyPendingAsync(StoreEntry entry, CancellationToken token)
    {
        MergeVerdict verdict = await MergeAsync(await FindStateAsync(entry.Id, token), entry, token);
        return verdict.Error == StoreError.None ? await AppendAsync(verdict, entry) : verdict.Error;
    }

    private async ValueTask<MergeVerdict> MergeAsync(BlobState? here, StoreEntry there, CancellationToken token)
    {
        // An erased content is past its retention, unless that was made longer since.
        bool hasContent = here is { } state
            && LifetimeRules.HasContent(state, Clock.NowMillis, _options.DeletedRetention)
            && !(state.IsDeleted && await IsErasedAsync(there.Id, token));
        return LifetimeRules.Merge(here, hasContent, there);
    }

    private ValueTask<StoreError> AppendAsync(in MergeVerdict verdict, in StoreEntry entry)
    {
        long time = UnixMillis.From(entry.OperationTime);
        return verdict.Kind == StoreRecordKind.Delete
            ? AppendDeleteAsync(new DeleteHead(entry.Id, entry.LifeVersion, time))
            : AppendUpdateAsync(
                verdict.Kind, new UpdateHead(entry.Id, entry.LifeVersion, time, verdict.ExpiresAtMillis));
    }
}
