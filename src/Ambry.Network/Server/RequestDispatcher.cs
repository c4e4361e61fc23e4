using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>Hands requests to the service and their answers to the connection. Thread safe.</summary>
/// <param name="gate">Bounds what answers hold in memory.</param>
/// <param name="stopping">Of the listener: changes go on when their peer went away.</param>
internal sealed class RequestDispatcher(
    IPeerService service, ByteGate gate, NetworkServices services, CancellationToken stopping)
{
    /// <summary>Below this a system call for the file costs more than a copy of the bytes.</summary>
    private const int SendFileFrom = 32 * 1024;

    /// <summary>
    /// Answers the request, whatever becomes of it. Runs on the caller's thread until the service waits.
    /// </summary>
    /// <param name="request">What the body says; of the type's request class.</param>
    /// <param name="canSendFiles">Whether the connection is plain.</param>
    /// <param name="gone">When the peer went away: nobody reads the answer.</param>
    public async Task RunAsync(RequestTurn turn, object request, bool canSendFiles, CancellationToken gone)
    {
        try
        {
            await AnswerAsync(turn, request, canSendFiles, gone).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested || stopping.IsCancellationRequested)
        {
            turn.Answer(PeerError.Unreachable);
        }
        catch (Exception exception)
        {
            Log.RequestFailed(services.Logger, exception, turn.Type.NameOf());
            turn.Answer(PeerError.Internal);
        }
    }

    private async ValueTask AnswerAsync(RequestTurn turn, object request, bool canSendFiles, CancellationToken gone)
    {
        switch (request)
        {
            case PutBlobRequest put:
                turn.Answer(await service.PutAsync(put, stopping).ConfigureAwait(false));
                break;
            case GetBlobRequest get:
                await GetAsync(turn, get, canSendFiles, gone).ConfigureAwait(false);
                break;
            case DeleteBlobRequest delete:
                turn.Answer(await service.DeleteAsync(delete, stopping).ConfigureAwait(false));
                break;
            case UpdateTtlRequest update:
                turn.Answer(await service.UpdateTtlAsync(update, stopping).ConfigureAwait(false));
                break;
            case UndeleteBlobRequest undelete:
                turn.Answer(await service.UndeleteAsync(undelete, stopping).ConfigureAwait(false));
                break;
            case ReplicaMetadataRequest metadata:
                turn.Answer(await service.GetReplicaMetadataAsync(metadata, gone).ConfigureAwait(false));
                break;
            case FetchBlobsRequest fetch:
                await HoldAsync(turn, PeerLimits.MaxFetchBytes, gone).ConfigureAwait(false);
                turn.Answer(await service.FetchBlobsAsync(fetch, gone).ConfigureAwait(false));
                break;
            case long knownVersion:
                turn.Answer(await service.GetClusterMapAsync(knownVersion, gone).ConfigureAwait(false));
                break;
            default:
                turn.Answer(PeerError.BadRequest);
                break;
        }
    }

    private async ValueTask GetAsync(
        RequestTurn turn, GetBlobRequest request, bool canSendFiles, CancellationToken gone)
    {
        int bytes = Math.Min(request.Length ?? BlobLimits.MaxContentBytes, BlobLimits.MaxContentBytes);
        if (canSendFiles && bytes >= SendFileFrom)
        {
            PeerContent? content = await service.TryOpenContentAsync(request, gone).ConfigureAwait(false);
            if (content is { Length: >= SendFileFrom })
            {
                turn.Answer(content);
                return;
            }

            bytes = content?.Length ?? bytes;
            content?.Dispose();
        }

        await HoldAsync(turn, bytes, gone).ConfigureAwait(false);
        turn.Answer(await service.GetAsync(request, gone).ConfigureAwait(false));
    }

    private async ValueTask HoldAsync(RequestTurn turn, int bytes, CancellationToken gone)
    {
        await gate.TakeAsync(bytes, gone).ConfigureAwait(false);
        turn.Hold(bytes);
    }
}
