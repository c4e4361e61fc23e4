using System.Buffers;
using System.Diagnostics.Metrics;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Router;

/// <summary>
/// Blobs of any size over the replicas of a cluster, whose map may change under it: each operation keeps to the view it
/// began with. Thread safe; owns no threads, only the queue of <see cref="BackgroundDeleter"/>, which somebody else
/// drives.
/// </summary>
public sealed class BlobRouter : IBlobRouter
{
    private readonly RouterServices _services;
    private readonly ChunkWriter _writer;
    private readonly ReadOperation _reads;
    private readonly DeleteOperation _deletes;
    private readonly ChangeOperation _changes;

    /// <summary>For a cluster whose map never changes.</summary>
    /// <inheritdoc cref="BlobRouter(LiveClusterMap, IPeerClient, RouterOptions, IIdSource, TimeProvider,
    /// ILogger{BlobRouter}, MemoryPool{byte}, IMeterFactory)"/>
    public BlobRouter(
        ClusterView view,
        IPeerClient peers,
        RouterOptions options,
        IIdSource ids,
        TimeProvider time,
        ILogger<BlobRouter> logger,
        MemoryPool<byte>? pool = null,
        IMeterFactory? meters = null)
        : this(new LiveClusterMap(view), peers, options, ids, time, logger, pool, meters)
    {
    }

    /// <param name="map">What the cluster looks like; new views are used as they come.</param>
    /// <param name="peers">Has to answer every request within a bounded time.</param>
    /// <param name="pool">Where chunk buffers come from; the shared pool unless a test counts them.</param>
    /// <param name="meters">Where the metrics go; null for nowhere.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public BlobRouter(
        LiveClusterMap map,
        IPeerClient peers,
        RouterOptions options,
        IIdSource ids,
        TimeProvider time,
        ILogger<BlobRouter> logger,
        MemoryPool<byte>? pool = null,
        IMeterFactory? meters = null)
    {
        options.Validate();
        RouterMetrics metrics = meters is null ? RouterMetrics.None : new RouterMetrics(meters);
        _services = new RouterServices(
            map, peers, options, ids, time, logger, pool ?? MemoryPool<byte>.Shared, metrics);
        var selector = new ReplicaSelector(_services);
        var fetcher = new BlobFetcher(_services, selector);
        BackgroundDeleter = new BackgroundDeleter(options, time, logger, metrics);
        _deletes = new DeleteOperation(_services, fetcher, BackgroundDeleter.EnqueueAgain);
        BackgroundDeleter.Use(_deletes);
        _changes = new ChangeOperation(_services, fetcher);
        _reads = new ReadOperation(_services, fetcher);
        _writer = new ChunkWriter(_services, new PartitionChooser(_services), selector, BackgroundDeleter);
        metrics.Watch(_services.Budget, BackgroundDeleter);
    }

    /// <summary>Takes back what failed puts left behind.</summary>
    public BackgroundDeleter BackgroundDeleter { get; }

    /// <summary>Bytes of content that all operations hold now.</summary>
    public long BytesInUse => _services.Budget.InUseBytes;

    public async ValueTask<PutBlobResult> PutAsync(PutBlobOptions options, Stream content, CancellationToken token)
    {
        long startedAt = _services.Time.GetTimestamp();
        PutBlobResult result = IsValid(options)
            ? await new PutOperation(_services, _writer, BackgroundDeleter, options, content).RunAsync(token)
            : new PutBlobResult(RouterError.BadRequest, default, 0);
        Finished("put", result.Error, startedAt);
        return result;
    }

    public async ValueTask<PutBlobResult> StitchAsync(
        PutBlobOptions options, IReadOnlyList<BlobPart> parts, CancellationToken token)
    {
        long startedAt = _services.Time.GetTimestamp();
        PutBlobResult result = IsValid(options)
            ? await CompositeWriter.WriteAsync(_services, _writer, options, parts, token)
            : new PutBlobResult(RouterError.BadRequest, default, 0);
        Finished("stitch", result.Error, startedAt);
        return result;
    }

    public async ValueTask<OpenBlobResult> OpenReadAsync(
        BlobId id, long offset, long length, ReadScope scope, CancellationToken token)
    {
        long startedAt = _services.Time.GetTimestamp();
        OpenBlobResult result = await _reads.OpenAsync(
            id, offset, length, includeDeleted: scope == ReadScope.IncludeDeleted, token);
        Finished("get", result.Error, startedAt);
        return result;
    }

    public ValueTask<BlobPropertiesResult> GetPropertiesAsync(BlobId id, CancellationToken token) =>
        GetPropertiesAsync(id, ReadScope.Live, token);

    public async ValueTask<BlobPropertiesResult> GetPropertiesAsync(
        BlobId id, ReadScope scope, CancellationToken token)
    {
        long startedAt = _services.Time.GetTimestamp();
        BlobPropertiesResult result = await _reads.GetPropertiesAsync(
            id, includeDeleted: scope == ReadScope.IncludeDeleted, token);
        Finished("properties", result.Error, startedAt);
        return result;
    }

    public ValueTask<RouterError> DeleteAsync(BlobId id, DeleteScope scope, CancellationToken token) =>
        TimedAsync("delete", _deletes.RunAsync(id, scope, token));

    public ValueTask<RouterError> UpdateTtlAsync(BlobId id, DateTimeOffset? expiresAt, CancellationToken token) =>
        TimedAsync("update_ttl", _changes.UpdateTtlAsync(id, expiresAt, token));

    public ValueTask<RouterError> UndeleteAsync(BlobId id, CancellationToken token) =>
        TimedAsync("undelete", _changes.UndeleteAsync(id, token));

    private static bool IsValid(PutBlobOptions options) =>
        options.UserMetadata.Length <= BlobLimits.MaxUserMetadataBytes && options.SizeHint is null or >= 0;

    private async ValueTask<RouterError> TimedAsync(string operation, ValueTask<RouterError> pending)
    {
        long startedAt = _services.Time.GetTimestamp();
        RouterError error = await pending;
        Finished(operation, error, startedAt);
        return error;
    }

    private void Finished(string operation, RouterError outcome, long startedAt) =>
        _services.Metrics.Finished(operation, outcome, _services.Time.GetElapsedTime(startedAt));
}
