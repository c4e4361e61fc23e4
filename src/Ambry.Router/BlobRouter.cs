using System.Buffers;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Router;

/// <summary>
/// Blobs of any size over the replicas of one cluster view. Thread safe; owns no threads and no timers, only the queue
/// of
/// <see cref="BackgroundDeleter"/>, which somebody else drives.
/// </summary>
public sealed class BlobRouter : IBlobRouter
{
    private readonly RouterServices _services;
    private readonly ChunkWriter _writer;
    private readonly ReadOperation _reads;
    private readonly DeleteOperation _deletes;

    /// <param name="pool">Where chunk buffers come from; the shared pool unless a test counts them.</param>
    public BlobRouter(
        ClusterView view,
        IPeerClient peers,
        RouterOptions options,
        IIdSource ids,
        TimeProvider time,
        ILogger<BlobRouter> logger,
        MemoryPool<byte>? pool = null)
    {
        options.Validate();
        var budget = new ByteBudget(options.MemoryBudgetBytes, options.MemoryWaitersMax, options.MemoryWaitMax, time);
        var detector = new FailureDetector(options.FailureDetector, time);
        _services = new RouterServices(
            view, peers, options, ids, time, logger, detector, budget, pool ?? MemoryPool<byte>.Shared);
        var selector = new ReplicaSelector(_services);
        var fetcher = new BlobFetcher(_services, selector);
        _deletes = new DeleteOperation(_services, fetcher);
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
        _reads.GetPropertiesAsync(id, token);

    public ValueTask<RouterError> DeleteAsync(BlobId id, DeleteScope scope, CancellationToken token) =>
        _deletes.RunAsync(id, scope, token);

    private static bool IsValid(PutBlobOptions options) =>
        options.UserMetadata.Length <= BlobLimits.MaxUserMetadataBytes && options.SizeHint is null or >= 0;
}
