using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Server;

/// <content>
/// Requests of peers that pull, and the layout. Their admission is their own: however far behind peers are, clients
/// find their places.
/// </content>
public sealed partial class StorageNode
{
    // What an entry takes in an answer, generously.
    private const int EntryBytes = 96;

    private volatile EncodedMap? _map;

    public async ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        ReplicaMetadataRequest request, CancellationToken token)
    {
        long bytes = (long)EntryBytes * (request.MaxEntries + request.Positions.Count);
        PeerError refused = AdmitReplication(request.Requester, PeerOperation.ReplicaMetadata, bytes);
        if (refused != PeerError.None)
        {
            return new ReplicaMetadataResponse(refused, []);
        }

        long began = _time.GetTimestamp();
        PeerError error = PeerError.Internal;
        try
        {
            ReplicaMetadataResponse answer = await AnswerAllowedAsync(request, token);
            error = answer.Error;
            return answer;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ReplicationFailed(_logger, request.Requester, e);
            return new ReplicaMetadataResponse(PeerError.Internal, []);
        }
        finally
        {
            OnReplicated(PeerOperation.ReplicaMetadata, error, began);
            _replicationAdmission.Exit(TenantOf(request.Requester), bytes);
        }
    }

    public async ValueTask<FetchBlobsResponse> FetchBlobsAsync(FetchBlobsRequest request, CancellationToken token)
    {
        PeerError error = CheckReplication(request.Partition, PeerOperation.FetchBlobs);
        if (error == PeerError.None)
        {
            error = AdmitReplication(request.Requester, PeerOperation.FetchBlobs, PeerLimits.MaxFetchBytes);
        }

        if (error != PeerError.None)
        {
            return new FetchBlobsResponse(error, [], null);
        }

        long began = _time.GetTimestamp();
        error = PeerError.Internal;
        var admitted = new Admitted(
            _replicationAdmission, TenantOf(request.Requester), PeerLimits.MaxFetchBytes);
        bool isHandedOver = false;
        try
        {
            FetchBlobsResponse answer = await Replication!.AnswerAsync(request, token);
            error = answer.Error;
            isHandedOver = true;
            return new FetchBlobsResponse(answer.Error, answer.Blobs, admitted.Holding(answer));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ReplicationFailed(_logger, request.Requester, e);
            return new FetchBlobsResponse(PeerError.Internal, [], null);
        }
        finally
        {
            OnReplicated(PeerOperation.FetchBlobs, error, began);
            if (!isHandedOver)
            {
                admitted.Dispose();
            }
        }
    }

    /// <summary>The layout that this node has applied.</summary>
    public ValueTask<ClusterMapResponse> GetClusterMapAsync(long knownVersion, CancellationToken token)
    {
        ClusterLayout layout = _hosted.View.Layout;
        if (layout.Version <= knownVersion)
        {
            return ValueTask.FromResult(new ClusterMapResponse(PeerError.None, layout.Version, default));
        }

        EncodedMap map = _map is { } known && known.Layout == layout ? known : new EncodedMap(layout, layout.ToJson());
        _map = map;
        return ValueTask.FromResult(new ClusterMapResponse(PeerError.None, layout.Version, map.Json));
    }

    /// <summary>Asks the engine for the partitions that may be answered for, and fills in the rest.</summary>
    private async ValueTask<ReplicaMetadataResponse> AnswerAllowedAsync(
        ReplicaMetadataRequest request, CancellationToken token)
    {
        PeerError[] refused =
            [.. request.Positions.Select(p => CheckReplication(p.Partition, PeerOperation.ReplicaMetadata))];
        if (refused.All(error => error == PeerError.None))
        {
            return await Replication!.AnswerAsync(request, token);
        }

        ReplicaPosition[] allowed = [.. request.Positions.Where((_, i) => refused[i] == PeerError.None)];
        ReplicaMetadataResponse answer = allowed.Length == 0
            ? new ReplicaMetadataResponse(PeerError.None, [])
            : await Replication!.AnswerAsync(request with { Positions = allowed }, token);
        if (answer.Error != PeerError.None)
        {
            return answer;
        }

        var next = new Queue<ReplicaChanges>(answer.Partitions);
        return answer with
        {
            Partitions =
            [
                .. request.Positions.Select((position, i) => refused[i] == PeerError.None
                    ? next.Dequeue()
                    : new ReplicaChanges(position.Partition, refused[i], FindToken.Start, 0, 0, [])),
            ],
        };
    }

    private PeerError CheckReplication(PartitionId partition, PeerOperation operation)
    {
        if (!_hosted.Replicas.TryGetValue(partition, out HostedReplica? replica))
        {
            return PeerError.PartitionUnknown;
        }

        return !replica.IsRunning || IsStopped ? PeerError.ReplicaUnavailable
            : replica.IsDisabled(operation) ? PeerError.TemporarilyDisabled
            : Replication is null ? PeerError.ReplicaUnavailable
            : PeerError.None;
    }

    private PeerError AdmitReplication(DataNodeId requester, PeerOperation operation, long bytes)
    {
        if (IsStopped)
        {
            return PeerError.ReplicaUnavailable;
        }

        if (_replicationAdmission.TryEnter(TenantOf(requester), bytes, hasContent: true))
        {
            return PeerError.None;
        }

        _metrics.Refused(operation);
        return PeerError.Busy;
    }

    private static uint TenantOf(DataNodeId requester) => (uint)requester.GetHashCode();

    private void OnReplicated(PeerOperation operation, PeerError error, long began)
    {
        if (_metrics.TimesRequests)
        {
            _metrics.Served(operation, error, _time.GetElapsedTime(began));
        }
    }

    private sealed record EncodedMap(ClusterLayout Layout, byte[] Json);
}
