using System.Collections.Concurrent;
using Ambry.Protocol;

namespace Ambry.Testing.Peers;

/// <summary>
/// One node's answers out of memory, for tests of a transport: what it is asked it keeps, answers to the other requests
/// are set beforehand. Thread safe.
/// </summary>
public sealed class InMemoryPeerService : IPeerService
{
    private readonly ConcurrentDictionary<BlobId, PutBlobRequest> _blobs = new();
    private readonly ConcurrentQueue<object> _requests = new();
    private int _underway;
    private int _underwayMax;

    /// <summary>Awaited before a request is answered.</summary>
    public Func<object, CancellationToken, Task>? Gate { get; set; }

    /// <summary>Answers a change or a PUT instead of doing it; null lets it through.</summary>
    public Func<object, PeerError?>? Fault { get; set; }

    /// <summary>What blobs look like as pieces of a file; null: they are not.</summary>
    public Func<PutBlobRequest, GetBlobRequest, PeerContent?>? OpenContent { get; set; }

    public Func<ReplicaMetadataRequest, ReplicaMetadataResponse> AnswerMetadata { get; set; } =
        _ => new ReplicaMetadataResponse(PeerError.None, []);

    public Func<FetchBlobsRequest, FetchBlobsResponse> AnswerFetch { get; set; } =
        _ => new FetchBlobsResponse(PeerError.None, [], null);

    public Func<long, ClusterMapResponse> AnswerMap { get; set; } =
        known => new ClusterMapResponse(PeerError.None, known, default);

    /// <summary>In the order they came.</summary>
    public IReadOnlyList<object> Requests => [.. _requests];

    public int Underway => Volatile.Read(ref _underway);

    /// <summary>The most requests that were under way at once.</summary>
    public int UnderwayMax => Volatile.Read(ref _underwayMax);

    public PutBlobRequest? Find(BlobId id) => _blobs.GetValueOrDefault(id);

    /// <summary>Gives it a blob without a request.</summary>
    public void Keep(PutBlobRequest blob) => _blobs[blob.Id] = blob with { Content = blob.Content.ToArray() };

    public ValueTask<PeerError> PutAsync(PutBlobRequest request, CancellationToken token) =>
        AnswerAsync(request, () => Change(request, () => Keep(request)), token);

    public ValueTask<GetBlobResponse> GetAsync(GetBlobRequest request, CancellationToken token) =>
        AnswerAsync(request, () => Read(request), token);

    public ValueTask<PeerContent?> TryOpenContentAsync(GetBlobRequest request, CancellationToken token) =>
        ValueTask.FromResult(Find(request.Id) is { } blob ? OpenContent?.Invoke(blob, request) : null);

    public ValueTask<PeerError> DeleteAsync(DeleteBlobRequest request, CancellationToken token) =>
        AnswerAsync(request, () => Change(request, () => _blobs.TryRemove(request.Id, out _)), token);

    public ValueTask<PeerError> UpdateTtlAsync(UpdateTtlRequest request, CancellationToken token) =>
        AnswerAsync(request, () => Change(request, null), token);

    public ValueTask<PeerError> UndeleteAsync(UndeleteBlobRequest request, CancellationToken token) =>
        AnswerAsync(request, () => Change(request, null), token);

    public ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
        ReplicaMetadataRequest request, CancellationToken token) =>
        AnswerAsync(request, () => AnswerMetadata(request), token);

    public ValueTask<FetchBlobsResponse> FetchBlobsAsync(FetchBlobsRequest request, CancellationToken token) =>
        AnswerAsync(request, () => AnswerFetch(request), token);

    public ValueTask<ClusterMapResponse> GetClusterMapAsync(long knownVersion, CancellationToken token) =>
        AnswerAsync(knownVersion, () => AnswerMap(knownVersion), token);

    private PeerError Change(object request, Action? change)
    {
        if (Fault?.Invoke(request) is { } fault)
        {
            return fault;
        }

        change?.Invoke();
        return PeerError.None;
    }

    private GetBlobResponse Read(GetBlobRequest request)
    {
        if (Find(request.Id) is not { } blob)
        {
            return new GetBlobResponse(PeerError.NotFound);
        }

        int offset = (int)Math.Min(request.Offset, blob.Content.Length);
        int length = Math.Min(request.Length ?? int.MaxValue, blob.Content.Length - offset);
        return new GetBlobResponse(blob.Properties, blob.UserMetadata, null, blob.Content.Slice(offset, length));
    }

    private async ValueTask<T> AnswerAsync<T>(object request, Func<T> answer, CancellationToken token)
    {
        _requests.Enqueue(request);
        int underway = Interlocked.Increment(ref _underway);
        int max = UnderwayMax;
        while (underway > max)
        {
            max = Interlocked.CompareExchange(ref _underwayMax, underway, max) == max ? underway : UnderwayMax;
        }

        try
        {
            if (Gate is not null)
            {
                await Gate(request, token);
            }

            return answer();
        }
        finally
        {
            Interlocked.Decrement(ref _underway);
        }
    }
}
