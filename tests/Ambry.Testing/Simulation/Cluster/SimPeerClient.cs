using System.Buffers;
using Ambry.Protocol;
using Ambry.Testing.Peers;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>The simulated network as one site sees it, in one of its lives. For one thread only.</summary>
internal sealed class SimPeerClient(SimNetwork network, SimSite from) : IPeerClient, IReplicationClient
{
    /// <summary>The product's own: 2 seconds, and more for what is large.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly AsyncLocal<BlobId?> Owner = new();

    /// <summary>
    /// The blob that the calling flow deletes or undeletes: what it sends to the blob's parts counts as its own.
    /// </summary>
    public static BlobId? CurrentOwner
    {
        set => Owner.Value = value;
    }

    public async ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token)
    {
        byte[] content = request.Content.ToArray();
        PutBlobRequest copy = request with { Content = content, UserMetadata = request.UserMetadata.ToArray() };
        PeerError error = await ChangeAsync(
            node, "put", request.Id, content.Length, service => service.PutAsync(copy, CancellationToken.None), token);
        SimModel.Demand(
            request.Content.Span.SequenceEqual(content), $"the memory of {request.Id} changed before its put was over");
        return error;
    }

    public ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token)
    {
        var call = new SimCall<GetBlobResponse>(
            $"get {Short(request.Id)}",
            Limit,
            service => service.GetAsync(request, CancellationToken.None),
            Copy,
            static () => new GetBlobResponse(PeerError.Unreachable))
        {
            AnswerBytes = static answer => answer.Content.Length + 100,
            Describe = static answer => answer.Error.ToString(),
        };
        return network.SendAsync(from, network.Find(node), call, token);
    }

    public ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        ChangeAsync(
            node, "delete", request.Id, 0, service => service.DeleteAsync(request, CancellationToken.None), token);

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        ChangeAsync(
            node, "ttl", request.Id, 0, service => service.UpdateTtlAsync(request, CancellationToken.None), token);

    public ValueTask<PeerError> UndeleteAsync(DataNodeId node, UndeleteBlobRequest request, CancellationToken token) =>
        ChangeAsync(
            node, "undelete", request.Id, 0, service => service.UndeleteAsync(request, CancellationToken.None), token);

    public ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        DataNodeId node, ReplicaMetadataRequest request, CancellationToken token)
    {
        ReplicaMetadataRequest copy = request with { Positions = [.. request.Positions] };
        var call = new SimCall<ReplicaMetadataResponse>(
            "changes",
            Limit,
            service => service.GetReplicaMetadataAsync(copy, CancellationToken.None),
            static (answer, _) => answer with
            {
                Partitions = [.. answer.Partitions.Select(p => p with { Entries = [.. p.Entries ?? []] })],
            },
            static () => new ReplicaMetadataResponse(PeerError.Unreachable, []))
        {
            RequestBytes = 72 * copy.Positions.Count,
            AnswerBytes = static answer => 100 * (1 + answer.Partitions.Sum(p => p.Entries.Count)),
            Describe = static answer => $"{answer.Error} {string.Join(' ', answer.Partitions.Select(Describe))}",
        };
        return network.SendAsync(from, network.Find(node), call, token);
    }

    public ValueTask<FetchBlobsResponse> FetchBlobsAsync(
        DataNodeId node, FetchBlobsRequest request, CancellationToken token)
    {
        FetchBlobsRequest copy = request with { Ids = [.. request.Ids] };
        var call = new SimCall<FetchBlobsResponse>(
            $"fetch {string.Join(' ', copy.Ids.Select(Short))}",
            Limit,
            service => service.FetchBlobsAsync(copy, CancellationToken.None),
            Copy,
            static () => new FetchBlobsResponse(PeerError.Unreachable, [], null))
        {
            AnswerBytes = static answer => answer.Blobs.Sum(blob => blob.Content.Length + 100),
            Describe = static answer => $"{answer.Error} {string.Join(' ', answer.Blobs.Select(blob => blob.Error))}",
        };
        return network.SendAsync(from, network.Find(node), call, token);
    }

    public ValueTask<ClusterMapResponse> GetClusterMapAsync(
        DataNodeId node, long knownVersion, CancellationToken token)
    {
        var call = new SimCall<ClusterMapResponse>(
            "map",
            Limit,
            service => service.GetClusterMapAsync(knownVersion, CancellationToken.None),
            static (answer, _) => answer with { Json = answer.Json.ToArray() },
            static () => new ClusterMapResponse(PeerError.Unreachable, 0, default))
        {
            Describe = static answer => $"{answer.Error} {answer.Version}",
        };
        return network.SendAsync(from, network.Find(node), call, token);
    }

    /// <summary>Enough of an id to tell blobs of one run apart.</summary>
    internal static string Short(BlobId id) => $"{id.Partition}/{id.Uuid.ToString()[..6]}";

    private static string Describe(ReplicaChanges changes) => changes.Error == PeerError.None
        ? $"{changes.Partition}:{changes.Entries.Count}>{changes.Next.Lsn}/{changes.LastLsn}"
        : $"{changes.Partition}:{changes.Error}";

    private static GetBlobResponse Copy(GetBlobResponse answer, CountingMemoryPool pool)
    {
        using (answer)
        {
            if (answer.Error != PeerError.None)
            {
                return new GetBlobResponse(answer.Error);
            }

            int length = answer.Content.Length;
            IMemoryOwner<byte> owner = pool.Rent(length + answer.UserMetadata.Length);
            answer.Content.CopyTo(owner.Memory);
            answer.UserMetadata.CopyTo(owner.Memory[length..]);
            return new GetBlobResponse(
                answer.Properties!, owner.Memory[length..], owner, owner.Memory[..length]);
        }
    }

    private static FetchBlobsResponse Copy(FetchBlobsResponse answer, CountingMemoryPool pool)
    {
        using (answer)
        {
            IMemoryOwner<byte> owner = pool.Rent(
                answer.Blobs.Sum(blob => blob.Content.Length + blob.UserMetadata.Length));
            var blobs = new List<FetchedBlob>();
            int at = 0;
            foreach (FetchedBlob blob in answer.Blobs)
            {
                blobs.Add(blob with { Content = Keep(blob.Content), UserMetadata = Keep(blob.UserMetadata) });
            }

            return new FetchBlobsResponse(answer.Error, blobs, owner);

            ReadOnlyMemory<byte> Keep(ReadOnlyMemory<byte> bytes)
            {
                Memory<byte> place = owner.Memory.Slice(at, bytes.Length);
                bytes.CopyTo(place);
                at += bytes.Length;
                return place;
            }
        }
    }

    private ValueTask<PeerError> ChangeAsync(
        DataNodeId node,
        string name,
        BlobId id,
        long bytes,
        Func<IPeerService, ValueTask<PeerError>> execute,
        CancellationToken token)
    {
        var call = new SimCall<PeerError>(
            $"{name} {Short(id)}",
            Limit,
            execute,
            static (answer, _) => answer,
            static () => PeerError.Unreachable)
        {
            Changes = name is "delete" or "undelete" ? Owner.Value ?? id : null,
            RequestBytes = bytes + 100,
        };
        return network.SendAsync(from, network.Find(node), call, token);
    }
}
