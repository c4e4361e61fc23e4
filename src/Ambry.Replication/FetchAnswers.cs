using System.Buffers;
using Ambry.Protocol;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>The answering side of a fetch: blobs with their content, verified by the store. Thread safe.</summary>
/// <param name="onDamaged">Told of a blob whose bytes here fail their checksum.</param>
internal sealed class FetchAnswers(Func<PartitionId, ReplicaLedger?> find, Action<BlobId> onDamaged)
{
    /// <summary>As many of the blobs as fit; the caller disposes the response, which owns their memory.</summary>
    public async ValueTask<FetchBlobsResponse> AnswerAsync(FetchBlobsRequest request, CancellationToken token)
    {
        if (request.Ids.Count is < 1 or > PeerLimits.MaxBlobsPerFetch
            || request.Ids.Any(id => id.Partition != request.Partition))
        {
            return new FetchBlobsResponse(PeerError.BadRequest, [], null);
        }

        if (find(request.Partition) is not { } ledger)
        {
            return new FetchBlobsResponse(PeerError.PartitionUnknown, [], null);
        }

        if (ledger.Local.Store is not { } store)
        {
            return new FetchBlobsResponse(PeerError.ReplicaUnavailable, [], null);
        }

        var owner = new BlobMemory();
        bool isHandedOver = false;
        try
        {
            FetchBlobsResponse response = await ReadAsync(store, request.Ids, owner, token);
            isHandedOver = response.Error == PeerError.None;
            return response;
        }
        finally
        {
            if (!isHandedOver)
            {
                owner.Dispose();
            }
        }
    }

    private async ValueTask<FetchBlobsResponse> ReadAsync(
        BlobStore store, IReadOnlyList<BlobId> ids, BlobMemory owner, CancellationToken token)
    {
        var blobs = new List<FetchedBlob>(ids.Count);
        long bytes = 0;
        foreach (BlobId id in ids)
        {
            var get = new GetBlobRequest(id, IncludeDeleted: true, IncludeExpired: true);
            StoreReadResult read = await store.GetAsync(get, token);
            if (read.Error is StoreError.Unavailable)
            {
                read.Dispose();
                return new FetchBlobsResponse(PeerError.ReplicaUnavailable, [], null);
            }

            long size = read.Content.Length + read.UserMetadata.Length;
            if (blobs.Count > 0 && bytes + size > PeerLimits.MaxFetchBytes)
            {
                read.Dispose();
                break;
            }

            if (read.Error == StoreError.Corrupt)
            {
                onDamaged(id);
            }

            bytes += size;
            blobs.Add(new FetchedBlob(id, ErrorOf(read.Error), read.Properties, read.UserMetadata, read.Content));
            owner.Take(read);
        }

        return new FetchBlobsResponse(PeerError.None, blobs, owner);
    }

    private static PeerError ErrorOf(StoreError error) => error switch
    {
        StoreError.None => PeerError.None,
        StoreError.NotFound => PeerError.NotFound,
        StoreError.Deleted => PeerError.Deleted,
        StoreError.Expired => PeerError.Expired,
        StoreError.Corrupt => PeerError.Corrupt,
        _ => PeerError.Internal,
    };

    /// <summary>The pooled memory of the blobs of one answer. One owner at a time.</summary>
    private sealed class BlobMemory : IDisposable
    {
        private readonly List<IMemoryOwner<byte>> _owners = [];

        public void Take(StoreReadResult read)
        {
            if (read.DetachOwner() is { } owner)
            {
                _owners.Add(owner);
            }

            read.Dispose();
        }

        public void Dispose()
        {
            _owners.ForEach(owner => owner.Dispose());
            _owners.Clear();
        }
    }
}
