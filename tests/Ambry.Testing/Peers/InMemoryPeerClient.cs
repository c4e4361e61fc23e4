using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Testing.Peers;

/// <summary>
/// Replicas in memory that keep the contract of <see cref="IPeerClient"/>: idempotent puts, tombstones, checksums,
/// ranges, no replica where the view has none. Faults, lost answers and waits are programmable for each call. Thread
/// safe.
/// </summary>
public sealed class InMemoryPeerClient(ClusterView view, MemoryPool<byte> pool) : IPeerClient
{
    private readonly ConcurrentDictionary<(DataNodeId Node, BlobId Id), StoredBlob> _blobs = new();
    private readonly ConcurrentQueue<PeerCall> _calls = new();

    /// <summary>Answers instead of the replica; None lets the call through.</summary>
    public Func<PeerCall, PeerError>? FaultBefore { get; set; }

    /// <summary>Answers after the replica did its work: the outcome that a lost answer leaves behind.</summary>
    public Func<PeerCall, PeerError>? FaultAfter { get; set; }

    /// <summary>Which replicas there are; a cluster that grows gets another.</summary>
    public ClusterView View { get; set; } = view;

    /// <summary>
    /// Awaited before the replica sees the call, and ended by its token: a slow node, or one that hangs. Answers
    /// instead of the replica unless it is None.
    /// </summary>
    public Func<PeerCall, CancellationToken, Task<PeerError>>? Delay { get; set; }

    /// <summary>Awaited before the replica sees the call.</summary>
    public Func<PeerCall, Task>? Gate { get; set; }

    public IReadOnlyList<PeerCall> Calls => [.. _calls];

    /// <summary>Blobs that some replica still answers.</summary>
    public IReadOnlyList<BlobId> LiveBlobs => [.. _blobs.Where(b => !b.Value.Deleted).Select(b => b.Key.Id).Distinct()];

    public int CountCopies(BlobId id) => _blobs.Count(b => b.Key.Id == id && !b.Value.Deleted);

    public PutBlobRequest? Find(BlobId id) =>
        _blobs.Where(b => b.Key.Id == id).Select(b => b.Value.Request).FirstOrDefault();

    /// <summary>Flips a bit of one copy.</summary>
    public void Corrupt(DataNodeId node, BlobId id) => _blobs[(node, id)].Content[0] ^= 1;

    /// <summary>Takes one copy away without a trace, as a compaction or a lost disk does.</summary>
    public void Forget(DataNodeId node, BlobId id) => _blobs.TryRemove((node, id), out _);

    public void ClearCalls() => _calls.Clear();

    public async ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token)
    {
        var call = new PeerCall(PeerOperation.Put, node, request.Id);
        PeerError fault = await EnterAsync(call, token);
        if (fault != PeerError.None)
        {
            return fault;
        }

        if (request.Content.Length > BlobLimits.MaxContentBytes
            || request.Properties.SizeBytes != request.Content.Length)
        {
            return PeerError.BadRequest;
        }

        var blob = new StoredBlob(request);
        StoredBlob kept = _blobs.GetOrAdd((node, request.Id), blob);
        PeerError result = ReferenceEquals(kept, blob) || kept.Checksum == blob.Checksum
            ? PeerError.None
            : PeerError.AlreadyExists;
        return Leave(call, kept.Deleted ? PeerError.Deleted : result);
    }

    public async ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token)
    {
        var call = new PeerCall(PeerOperation.Get, node, request.Id, request);
        PeerError fault = await EnterAsync(call, token);
        if (fault != PeerError.None)
        {
            return new GetBlobResponse(fault);
        }

        if (!_blobs.TryGetValue((node, request.Id), out StoredBlob? blob))
        {
            return new GetBlobResponse(Leave(call, PeerError.NotFound));
        }

        PeerError error = blob.Deleted && !request.IncludeDeleted ? PeerError.Deleted
            : blob.IsIntact ? PeerError.None : PeerError.Corrupt;
        error = Leave(call, error);
        return error == PeerError.None ? Answer(blob, request) : new GetBlobResponse(error);
    }

    public ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        ChangeAsync(new PeerCall(PeerOperation.Delete, node, request.Id), blob => blob.Delete(), token);

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        ChangeAsync(
            new PeerCall(PeerOperation.UpdateTtl, node, request.Id), blob => blob.UpdateTtl(request.ExpiresAt), token);

    public ValueTask<PeerError> UndeleteAsync(
        DataNodeId node, UndeleteBlobRequest request, CancellationToken token) =>
        ChangeAsync(new PeerCall(PeerOperation.Undelete, node, request.Id), blob => blob.Undelete(), token);

    private async ValueTask<PeerError> ChangeAsync(
        PeerCall call, Func<StoredBlob, PeerError> change, CancellationToken token)
    {
        PeerError fault = await EnterAsync(call, token);
        if (fault != PeerError.None)
        {
            return fault;
        }

        return Leave(
            call, _blobs.TryGetValue((call.Node, call.Id), out StoredBlob? blob) ? change(blob) : PeerError.NotFound);
    }

    private async ValueTask<PeerError> EnterAsync(PeerCall call, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        _calls.Enqueue(call);
        if (Gate is not null)
        {
            await Gate(call);
            token.ThrowIfCancellationRequested();
        }

        if (Delay is not null && await Delay(call, token) is var late and not PeerError.None)
        {
            return late;
        }

        bool isHeld = View.FindPartition(call.Id.Partition)?.Replicas.Any(r => r.Node == call.Node) ?? false;
        return isHeld ? FaultBefore?.Invoke(call) ?? PeerError.None : PeerError.PartitionUnknown;
    }

    private PeerError Leave(PeerCall call, PeerError result)
    {
        PeerError fault = FaultAfter?.Invoke(call) ?? PeerError.None;
        return fault == PeerError.None ? result : fault;
    }

    private GetBlobResponse Answer(StoredBlob blob, GetBlobRequest request)
    {
        int offset = (int)Math.Min(request.Offset, blob.Content.Length);
        int length = Math.Min(request.Length ?? int.MaxValue, blob.Content.Length - offset);
        IMemoryOwner<byte> owner = pool.Rent(length);
        blob.Content.AsMemory(offset, length).CopyTo(owner.Memory);
        return new GetBlobResponse(
            blob.Request.Properties, blob.Request.UserMetadata, owner, owner.Memory[..length]);
    }

    private sealed class StoredBlob
    {
        public StoredBlob(PutBlobRequest request)
        {
            Content = request.Content.ToArray();
            Checksum = Crc32.HashToUInt32(Content);
            Request = request with { Content = Content, UserMetadata = request.UserMetadata.ToArray() };
        }

        public PutBlobRequest Request { get; private set; }

        public byte[] Content { get; }

        public uint Checksum { get; }

        public bool Deleted { get; private set; }

        public bool IsIntact => Crc32.HashToUInt32(Content) == Checksum;

        public PeerError Delete()
        {
            bool before = Deleted;
            Deleted = true;
            return before ? PeerError.Deleted : PeerError.None;
        }

        public PeerError Undelete()
        {
            bool before = Deleted;
            Deleted = false;
            return before ? PeerError.None : PeerError.NotDeleted;
        }

        public PeerError UpdateTtl(DateTimeOffset? expiresAt)
        {
            DateTimeOffset? current = Request.Properties.ExpiresAt;
            if (Deleted || current is null || current == expiresAt)
            {
                return Deleted ? PeerError.Deleted : PeerError.AlreadyUpdated;
            }

            if (expiresAt < current)
            {
                return PeerError.TtlUpdateRefused;
            }

            Request = Request with { Properties = Request.Properties with { ExpiresAt = expiresAt } };
            return PeerError.None;
        }
    }
}
