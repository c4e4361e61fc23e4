using Ambry.Protocol;

namespace Ambry.Bench.Cluster;

/// <summary>Peers of which one answers every read late. Counts reads. Thread safe.</summary>
internal sealed class SlowPeerClient(IPeerClient peers, DataNodeId slow, TimeSpan delay, TimeProvider time)
    : IPeerClient
{
    private long _reads;

    public long Reads => Interlocked.Read(ref _reads);

    public async ValueTask<GetBlobResponse> GetAsync(DataNodeId node, GetBlobRequest request, CancellationToken token)
    {
        Interlocked.Increment(ref _reads);
        if (node == slow)
        {
            await Task.Delay(delay, time, token);
        }

        return await peers.GetAsync(node, request, token);
    }

    public ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token) =>
        peers.PutAsync(node, request, token);

    public ValueTask<PeerError> DeleteAsync(DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        peers.DeleteAsync(node, request, token);

    public ValueTask<PeerError> UpdateTtlAsync(DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        peers.UpdateTtlAsync(node, request, token);

    public ValueTask<PeerError> UndeleteAsync(
        DataNodeId node, UndeleteBlobRequest request, CancellationToken token) =>
        peers.UndeleteAsync(node, request, token);
}
