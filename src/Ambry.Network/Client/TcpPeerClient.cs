using System.Collections.Concurrent;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Peers over TCP: requests of all callers share a few connections to each node, answers are matched by number. A node
/// that fails is left alone for a short and growing while, during which it is <see cref="PeerError.Unreachable"/> at
/// once. Thread safe. Disposing answers what is under way with Unreachable.
/// </summary>
public sealed class TcpPeerClient : IPeerClient, IReplicationClient, IAsyncDisposable
{
    /// <summary>How exactly limits are kept: forty looks within the shortest.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(50);

    private readonly TcpPeerClientOptions _options;
    private readonly NetworkServices _services;
    private readonly PeerDialer _dialer;
    private readonly ConcurrentDictionary<DataNodeId, PeerChannel> _channels = new();
    private readonly ITimer _sweeps;
    private volatile bool _isDisposed;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate cannot be used.</exception>
    public TcpPeerClient(TcpPeerClientOptions options, NetworkServices services)
    {
        _options = options;
        _services = services;
        _dialer = new PeerDialer(options, services);
        _sweeps = services.Time.CreateTimer(
            static state => ((TcpPeerClient)state!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    public async ValueTask<PeerError> PutAsync(DataNodeId node, PutBlobRequest request, CancellationToken token)
    {
        if (request.Content.Length > BlobLimits.MaxContentBytes
            || request.UserMetadata.Length > BlobLimits.MaxUserMetadataBytes)
        {
            return PeerError.BadRequest;
        }

        EncodedFrame head = BlobCodec.EncodePut(request);
        int bytes = request.Content.Length;
        return (await CallAsync(node, head, request.Content, bytes, token).ConfigureAwait(false)).Error;
    }

    public async ValueTask<GetBlobResponse> GetAsync(
        DataNodeId node, GetBlobRequest request, CancellationToken token)
    {
        int bytes = Math.Min(request.Length ?? BlobLimits.MaxContentBytes, BlobLimits.MaxContentBytes);
        EncodedFrame head = BlobCodec.EncodeGet(request);
        PeerAnswer answer = await CallAsync(node, head, default, bytes, token).ConfigureAwait(false);
        return answer.Value as GetBlobResponse ?? new GetBlobResponse(answer.Error);
    }

    public async ValueTask<PeerError> DeleteAsync(
        DataNodeId node, DeleteBlobRequest request, CancellationToken token) =>
        (await CallAsync(node, BlobCodec.EncodeDelete(request), default, 0, token).ConfigureAwait(false)).Error;

    public async ValueTask<PeerError> UpdateTtlAsync(
        DataNodeId node, UpdateTtlRequest request, CancellationToken token) =>
        (await CallAsync(node, BlobCodec.EncodeUpdateTtl(request), default, 0, token).ConfigureAwait(false)).Error;

    public async ValueTask<PeerError> UndeleteAsync(
        DataNodeId node, UndeleteBlobRequest request, CancellationToken token) =>
        (await CallAsync(node, BlobCodec.EncodeUndelete(request), default, 0, token).ConfigureAwait(false)).Error;

    public async ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        DataNodeId node, ReplicaMetadataRequest request, CancellationToken token)
    {
        if (request.Positions.Count > PeerLimits.MaxPartitionsPerRequest)
        {
            return new ReplicaMetadataResponse(PeerError.BadRequest, []);
        }

        EncodedFrame head = ReplicationCodec.Encode(request);
        PeerAnswer answer = await CallAsync(node, head, default, MetadataBytes, token).ConfigureAwait(false);
        return answer.Value as ReplicaMetadataResponse ?? new ReplicaMetadataResponse(answer.Error, []);
    }

    public async ValueTask<FetchBlobsResponse> FetchBlobsAsync(
        DataNodeId node, FetchBlobsRequest request, CancellationToken token)
    {
        if (request.Ids.Count is 0 or > PeerLimits.MaxBlobsPerFetch)
        {
            return new FetchBlobsResponse(PeerError.BadRequest, [], null);
        }

        EncodedFrame head = ReplicationCodec.Encode(request);
        PeerAnswer answer =
            await CallAsync(node, head, default, PeerLimits.MaxFetchBytes, token).ConfigureAwait(false);
        return answer.Value as FetchBlobsResponse ?? new FetchBlobsResponse(answer.Error, [], null);
    }

    public async ValueTask<ClusterMapResponse> GetClusterMapAsync(
        DataNodeId node, long knownVersion, CancellationToken token)
    {
        EncodedFrame head = ReplicationCodec.EncodeMapRequest(knownVersion);
        PeerAnswer answer = await CallAsync(node, head, default, 0, token).ConfigureAwait(false);
        return answer.Value as ClusterMapResponse ?? new ClusterMapResponse(answer.Error, 0, default);
    }

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _sweeps.DisposeAsync().ConfigureAwait(false);
        foreach (PeerChannel channel in _channels.Values)
        {
            channel.Close();
        }

        _dialer.Dispose();
    }

    /// <summary>About a full answer of records: through the connections for large ones.</summary>
    private const int MetadataBytes = PeerLimits.MaxEntriesPerResponse * 72;

    private ValueTask<PeerAnswer> CallAsync(
        DataNodeId node, EncodedFrame head, ReadOnlyMemory<byte> content, int bytes, CancellationToken token)
    {
        PeerChannel channel = _channels.GetOrAdd(
            node,
            static (node, client) => new PeerChannel(node, client._options, client._dialer, client._services),
            this);
        if (_isDisposed)
        {
            channel.Close();
        }

        return channel.CallAsync(head, content, bytes, token);
    }

    private void Sweep()
    {
        try
        {
            long now = _services.Time.GetTimestamp();
            foreach ((_, PeerChannel channel) in _channels)
            {
                channel.Sweep(now);
            }
        }
        catch (Exception exception)
        {
            Log.SweepFailed(_services.Logger, exception);
        }
    }
}
