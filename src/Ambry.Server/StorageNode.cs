using System.Collections.Frozen;
using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// One storage node assembled: its disks, the stores of its replicas, and the answers to peers' requests. Thread safe;
/// owns disks and stores. A bad replica or disk answers an error, the rest serve.
/// </summary>
public sealed class StorageNode : IAsyncDisposable
{
    private readonly HostedDisk[] _disks;
    private readonly FrozenDictionary<PartitionId, HostedReplica> _replicas;
    private readonly AdmissionGate _admission;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private int _stopped;

    private StorageNode(HostedDisk[] disks, StoreOpener opener, StorageNodeSetup setup)
    {
        (StorageNodeOptions options, ILogger logger) = (setup.Options, setup.Logger);
        Id = setup.Node;
        _disks = disks;
        _time = setup.Time;
        _logger = logger;
        DiskWorkers = [.. disks.Select(d => new DiskWorker(d, disks, opener, setup))];
        _replicas = disks.SelectMany(d => d.Replicas).ToFrozenDictionary(r => r.Replica.Partition);
        _admission = new AdmissionGate(options.RequestsInFlightMax, options.BytesInFlightMax);
        IndexFlush = new IndexFlushWorker([.. _replicas.Values], logger);
        Maintenance = new NodeMaintenance(_replicas.Values, options.Maintenance, setup.Time, logger);
    }

    public DataNodeId Id { get; }

    /// <summary>Somebody else drives it.</summary>
    public IndexFlushWorker IndexFlush { get; }

    /// <summary>Compaction, scrub and hard delete. Somebody else drives them.</summary>
    public NodeMaintenance Maintenance { get; }

    /// <summary>One for each disk, so that one that hangs holds up no other. Somebody else drives them.</summary>
    public IReadOnlyList<DiskWorker> DiskWorkers { get; }

    /// <summary>State of every disk, for operators.</summary>
    public IReadOnlyList<DiskStatus> Disks => [.. _disks.Select(d => d.ToStatus())];

    /// <summary>State of every replica, for operators.</summary>
    public IReadOnlyList<ReplicaStatus> Replicas => [.. _replicas.Values.Select(r => r.ToStatus())];

    internal AdmissionGate Admission => _admission;

    /// <summary>Opens everything that the view puts on this node.</summary>
    /// <param name="openDisk">From a mount path to its disk; the node disposes the disk if it can be disposed.</param>
    public static async ValueTask<StorageNode> OpenAsync(
        StorageNodeSetup setup, Func<string, IDisk> openDisk, CancellationToken token)
    {
        setup.Options.Validate();
        var opener = new StoreOpener(setup, openDisk);
        HostedDisk[] disks = await opener.OpenAllAsync(token);
        var node = new StorageNode(disks, opener, setup);
        Log.Opened(setup.Logger, setup.Node, node._replicas.Count, node._replicas.Values.Count(r => r.Store is null));
        return node;
    }

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
        int bytes = Math.Clamp(request.Length ?? BlobLimits.MaxContentBytes, 0, BlobLimits.MaxContentBytes);
        PeerError error = Admit(request.Id, ReplicaOperation.Get, bytes, out HostedReplica? replica);
        if (replica is null)
        {
            return new GetBlobResponse(error);
        }

        bool handedOver = false;
        long began = _time.GetTimestamp();
        try
        {
            using StoreReadResult result = await replica.Store!.GetAsync(request, token);
            if (result.Error != StoreError.None)
            {
                return new GetBlobResponse(PeerErrorMap.Of(result.Error));
            }

            ReadOnlyMemory<byte> content = result.Content;
            var memory = new AdmissionGate.AdmittedMemory(_admission, result.DetachOwner(), bytes);
            handedOver = true;
            return new GetBlobResponse(result.Properties!, result.UserMetadata, memory, content);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new GetBlobResponse(OnDefect(replica, e));
        }
        finally
        {
            Maintenance.OnServed(request.Id.Partition, _time.GetElapsedTime(began), bytes);
            if (!handedOver)
            {
                _admission.Exit(bytes);
            }
        }
    }

    /// <summary>Lets nothing more in, closes every store, then the disks.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        foreach (HostedDisk disk in _disks)
        {
            await disk.CloseAsync(_logger);
        }

        Log.Closed(_logger, Id);
    }

    private async ValueTask<PeerError> ChangeAsync(
        BlobId id, ReplicaOperation operation, long bytes, Func<BlobStore, ValueTask<StoreError>> change)
    {
        PeerError error = Admit(id, operation, bytes, out HostedReplica? replica);
        if (replica is null)
        {
            return error;
        }

        long began = _time.GetTimestamp();
        try
        {
            return PeerErrorMap.Of(await change(replica.Store!));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return OnDefect(replica, e);
        }
        finally
        {
            Maintenance.OnServed(id.Partition, _time.GetElapsedTime(began), bytes);
            _admission.Exit(bytes);
        }
    }

    /// <summary>
    /// Null, and why, when the request is not let in; else it must exit the gate with the same bytes.
    /// </summary>
    private PeerError Admit(BlobId id, ReplicaOperation operation, long bytes, out HostedReplica? replica)
    {
        replica = null;
        if (!_replicas.TryGetValue(id.Partition, out HostedReplica? hosted))
        {
            return PeerError.PartitionUnknown;
        }

        PeerError error = Volatile.Read(ref _stopped) != 0 ? PeerError.ReplicaUnavailable : hosted.Check(operation);
        if (error == PeerError.None && !_admission.TryEnter(bytes))
        {
            error = PeerError.Busy;
        }

        replica = error == PeerError.None ? hosted : null;
        return error;
    }

    private PeerError OnDefect(HostedReplica replica, Exception e)
    {
        if (e is InvariantViolationException)
        {
            replica.TakeOutOfService();
            Log.ReplicaOutOfService(_logger, replica.Replica.Partition, e);
        }
        else
        {
            Log.RequestFailed(_logger, replica.Replica.Partition, e);
        }

        return PeerError.Internal;
    }
}
