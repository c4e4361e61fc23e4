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
        var budget = new ByteBudget(options.MemoryBudgetBytes, options.MemoryWaitersMax, options.MemoryWaitMax, time);
        var detector = new FailureDetector(options.FailureDetector, time);
        _services = new RouterServices(
            map, peers, options, ids, time, logger, detector, budget, pool ?? MemoryPool<byte>.Shared);
        var selector = new ReplicaSelector(_services);
        var fetcher = new BlobFetcher(_services, selector);
        _deletes = new DeleteOperation(_services, fetcher);
        _changes = new ChangeOperation(_services, fetcher);
        _reads = new ReadOperation(_services, fetcher);
        BackgroundDeleter = new BackgroundDeleter(options, time, logger);
        BackgroundDeleter.Use(_deletes);
        _writer = new ChunkWriter(_services, new PartitionChooser(_services), selector, BackgroundDeleter);
    }

    /// <summary>Takes back what failed puts left behind.</summary>
    public BackgroundDeleter BackgroundDeleter { get; }

    /// <summary>Bytes of content that all operations hold now.</summary>
    public long BytesInUse => _services.Budget.InUseBytes;

    public async ValueTask<PutBlobResult> PutAsync(PutBlobOptions options, Stream content, CancellationToken token) =>
        IsValid(options)
            ? await new PutOperation(_services, _writer, BackgroundDeleter, options, content).RunAsync(token)
            : new PutBlobResult(RouterError.BadRequest, default, 0);

    public async ValueTask<PutBlobResult> StitchAsync(
        PutBlobOptions options, IReadOnlyList<BlobPart> parts, CancellationToken token) =>
        IsValid(options)
            ? await CompositeWriter.WriteAsync(_services, _writer, options, parts, token)
            : new PutBlobResult(RouterError.BadRequest, default, 0);

    public ValueTask<OpenBlobResult> OpenReadAsync(
        BlobId id, long offset, long length, ReadScope scope, CancellationToken token) =>
        _reads.OpenAsync(id, offset, length, includeDeleted: scope == ReadScope.IncludeDeleted, token);

    public ValueTask<BlobPropertiesResult> GetPropertiesAsync(BlobId id, CancellationToken token) =>
        GetPropertiesAsync(id, ReadScope.Live, token);

    public ValueTask<BlobPropertiesResult> GetPropertiesAsync(BlobId id, ReadScope scope, CancellationToken token) =>
        _reads.GetPropertiesAsync(id, includeDeleted: scope == ReadScope.IncludeDeleted, token);

    public ValueTask<RouterError> DeleteAsync(BlobId id, DeleteScope scope, CancellationToken token) =>
        _deletes.RunAsync(id, scope, token);

    public ValueTask<RouterError> UpdateTtlAsync(BlobId id, DateTimeOffset? expiresAt, CancellationToken token) =>
        _changes.UpdateTtlAsync(id, expiresAt, token);

    public ValueTask<RouterError> UndeleteAsync(BlobId id, CancellationToken token) =>
        _changes.UndeleteAsync(id, token);

    private static bool IsValid(PutBlobOptions options) =>
        options.UserMetadata.Length <= BlobLimits.MaxUserMetadataBytes && options.SizeHint is null or >= 0;
}
