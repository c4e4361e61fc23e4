using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Server;

/// <content>Requests for blobs.</content>
public sealed partial class StorageNode
{
    public ValueTask<PeerError> PutAsync(PutBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id,
        ReplicaOperation.Put,
        request.Content.Length,
        store => store.PutAsync(request, token));

    public ValueTask<PeerError> DeleteAsync(DeleteBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id, ReplicaOperation.Delete, 0, store => store.DeleteAsync(request, token));

    public ValueTask<PeerError> UpdateTtlAsync(UpdateTtlRequest request, CancellationToken token) => ChangeAsync(
        request.Id, ReplicaOperation.UpdateTtl, 0, store => store.UpdateTtlAsync(request, token));

    public ValueTask<PeerError> UndeleteAsync(UndeleteBlobRequest request, CancellationToken token) => ChangeAsync(
        request.Id, ReplicaOperation.Undelete, 0, store => store.UndeleteAsync(request, token));

    public async ValueTask<GetBlobResponse> GetAsync(GetBlobRequest request, CancellationToken token)
    {
        int bytes = BytesOf(request);
        PeerError error = Admit(request.Id, ReplicaOperation.Get, bytes, out HostedReplica? replica);
        if (replica is null)
        {
            return new GetBlobResponse(error);
        }

        bool isHandedOver = false;
        long began = _time.GetTimestamp();
        ReplicaState state = replica.State;
        try
        {
            using StoreReadResult result = await replica.Store!.GetAsync(request, token);
            error = HostedReplica.Testify(state, result.Error);
            if (error != PeerError.None)
            {
                RepairIfCorrupt(replica, request.Id, error);
                return new GetBlobResponse(error);
            }

            ReadOnlyMemory<byte> content = result.Content;
            Admitted memory = AdmittedAs(request.Id, bytes).Holding(result.DetachOwner());
            isHandedOver = true;
            return new GetBlobResponse(result.Properties!, result.UserMetadata, memory, content);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            error = OnDefect(replica, e);
            return new GetBlobResponse(error);
        }
        finally
        {
            OnServed(replica, PeerOperation.Get, error, began, bytes);
            if (!isHandedOver)
            {
                _admission.Exit(AdmissionGate.TenantOf(request.Id), bytes);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Errors are <see cref="GetAsync"/>'s to tell: it is asked next.</remarks>
    public async ValueTask<PeerContent?> TryOpenContentAsync(GetBlobRequest request, CancellationToken token)
    {
        int bytes = BytesOf(request);
        Admit(request.Id, ReplicaOperation.Get, bytes, out HostedReplica? replica);
        if (replica is null)
        {
            return null;
        }

        ContentLease? lease = null;
        Admitted admitted = AdmittedAs(request.Id, bytes);
        long began = _time.GetTimestamp();
        try
        {
            lease = await replica.Store!.OpenContentAsync(request, token);
            PeerContent? content = ToContent(lease, admitted);
            if (content is not null)
            {
                OnServed(replica, PeerOperation.Get, PeerError.None, began, bytes);
                (lease, admitted) = (null, null!);
            }

            return content;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            OnDefect(replica, e);
            return null;
        }
        finally
        {
            lease?.Dispose();
            admitted?.Dispose();
        }
    }

    private static PeerContent? ToContent(ContentLease lease, Admitted admitted) =>
        lease.Error != StoreError.None || lease.Handle is not { } file
            ? null
            : new PeerContent(admitted.Holding(lease))
            {
                Properties = lease.Properties!,
                UserMetadata = lease.UserMetadata,
                File = file,
                FileOffset = lease.FileOffset,
                Length = lease.Length,
                RangeOffset = lease.RangeOffset,
                RangeLength = lease.RangeLength,
                BlockChecksums = lease.BlockChecksums,
            };

    private static int BytesOf(GetBlobRequest request) =>
        Math.Clamp(request.Length ?? BlobLimits.MaxContentBytes, 0, BlobLimits.MaxContentBytes);

    private Admitted AdmittedAs(BlobId id, long bytes) => new(_admission, AdmissionGate.TenantOf(id), bytes);

    private async ValueTask<PeerError> ChangeAsync(
        BlobId id, ReplicaOperation operation, long bytes, Func<BlobStore, ValueTask<StoreError>> change)
    {
        PeerError error = Admit(id, operation, bytes, out HostedReplica? replica);
        if (replica is null)
        {
            return error;
        }

        long began = _time.GetTimestamp();
        ReplicaState state = replica.State;
        try
        {
            error = HostedReplica.Testify(state, await change(replica.Store!));
            error = ReplicaLifeCycle.TestifyChange(state, operation, error);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            error = OnDefect(replica, e);
        }
        finally
        {
            OnServed(replica, (PeerOperation)operation, error, began, bytes);
            _admission.Exit(AdmissionGate.TenantOf(id), bytes);
        }

        return error;
    }

    /// <summary>
    /// Null, and why, when the request is not let in; else it must exit the gate with the same bytes.
    /// </summary>
    private PeerError Admit(BlobId id, ReplicaOperation operation, long bytes, out HostedReplica? replica)
    {
        replica = null;
        if (!_hosted.Replicas.TryGetValue(id.Partition, out HostedReplica? hosted))
        {
            return PeerError.PartitionUnknown;
        }

        PeerError error = IsStopped ? PeerError.ReplicaUnavailable : hosted.Check(operation);
        bool hasContent = operation is ReplicaOperation.Put or ReplicaOperation.Get;
        if (error == PeerError.None && !_admission.TryEnter(AdmissionGate.TenantOf(id), bytes, hasContent))
        {
            _metrics.Refused((PeerOperation)operation);
            error = PeerError.Busy;
        }

        replica = error == PeerError.None ? hosted : null;
        return error;
    }

    private void OnServed(HostedReplica replica, PeerOperation operation, PeerError error, long began, long bytes)
    {
        TimeSpan elapsed = _time.GetElapsedTime(began);
        replica.Host.Latency.Record(elapsed, bytes);
        if (_metrics.TimesRequests)
        {
            _metrics.Served(operation, error, elapsed);
        }
    }

    private void RepairIfCorrupt(HostedReplica replica, BlobId id, PeerError error)
    {
        if (error == PeerError.Corrupt && replica.HasPeers)
        {
            Replication?.RequestRepair(id);
        }
    }

    private PeerError OnDefect(HostedReplica replica, Exception e)
    {
        if (e is InvariantViolationException)
        {
            replica.TakeOutOfService();
            Log.ReplicaOutOfService(_logger, replica.Partition, e);
        }
        else
        {
            Log.RequestFailed(_logger, replica.Partition, e);
        }

        return PeerError.Internal;
    }
}
