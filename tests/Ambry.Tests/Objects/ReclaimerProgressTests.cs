using System.Reflection;
using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Metadata;
using Ambry.Tests.Metadata;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class ReclaimerProgressTests : IAsyncLifetime
{
    private const int Shards = 3;

    private readonly MetadataSamples _samples = new(seed: 5);
    private readonly DeletingRouter _router = new();
    private readonly ReclaimLog _log = new();
    private InMemoryMetadataStore _store = null!;
    private BucketRecord _bucket = null!;
    private Reclaimer _reclaimer = null!;

    public async Task InitializeAsync()
    {
        _store = InMemoryMetadataStore.Create(new MetadataOptions { ShardCount = Shards });
        var made = await _store.CreateBucketAsync("bucket", "owner", "region", Shards, MetadataSamples.Time, default);
        _bucket = made.Bucket!;
        _reclaimer = new Reclaimer(_store, _router, _log);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task Done_items_leave_their_queue_and_an_empty_queue_is_no_work()
    {
        var displaced = await DisplaceAsync("a", 3);

        (await _reclaimer.RunOnceAsync(default)).ShouldBe(3);

        _router.Deleted.ShouldBe(displaced);
        (await _reclaimer.RunOnceAsync(default)).ShouldBe(0);
        (await QueuedAsync()).ShouldBe(0);
        _log.Lines.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Items_that_keep_failing_do_not_block_those_behind_them(bool throws)
    {
        var bad = await DisplaceAsync("a", 1_500);
        var good = await DisplaceAsync("a", 300);
        _router.Refused.UnionWith(bad);
        _router.Throws = throws;

        int runs = 0;
        while (_router.Deleted.Count < good.Count && runs++ < 10)
        {
            await _reclaimer.RunOnceAsync(default);
        }

        _router.Deleted.ShouldBe(good);
        (await QueuedAsync()).ShouldBe(bad.Count);
        _log.Lines.Count(line => line.Level == LogLevel.Error).ShouldBe(throws ? 1 : 0);

        _router.Refused.Clear();
        for (runs = 0; await QueuedAsync() > 0 && runs < 10; runs++)
        {
            await _reclaimer.RunOnceAsync(default);
        }

        (await QueuedAsync()).ShouldBe(0);
        _router.Deleted.Count.ShouldBe(bad.Count + good.Count);
    }

    [Fact]
    public async Task One_run_takes_a_bounded_share_of_a_long_queue()
    {
        await DisplaceAsync("a", 1_500);

        (await _reclaimer.RunOnceAsync(default)).ShouldBe(1_024);
        (await _reclaimer.RunOnceAsync(default)).ShouldBe(476);
    }

    [Fact]
    public async Task A_shard_that_has_stopped_does_not_stop_the_others_and_is_told_once()
    {
        var keys = await OneKeyOfEachShardAsync();
        var displaced = new List<BlobId>();
        foreach (var key in keys)
        {
            displaced.AddRange(await DisplaceAsync(key, 2));
        }

        var reclaimer = new Reclaimer(StoppedShard.Wrap(_store, number: 0), _router, _log);
        (await reclaimer.RunOnceAsync(default)).ShouldBe(2 * (Shards - 1));
        (await reclaimer.RunOnceAsync(default)).ShouldBe(0);

        _router.Deleted.ShouldBe(displaced.Skip(2));
        _log.Lines.Count(line => line.Level == LogLevel.Error).ShouldBe(1);
        _log.Lines.First(line => line.Level == LogLevel.Error).Text.ShouldContain("shard 0");
    }

    [Fact]
    public async Task A_run_that_is_cancelled_ends_without_a_word()
    {
        await DisplaceAsync("a", 1);
        using var source = new CancellationTokenSource();
        _router.BeforeDelete = () =>
        {
            source.Cancel();
            source.Token.ThrowIfCancellationRequested();
        };

        await Should.ThrowAsync<OperationCanceledException>(
            async () => await _reclaimer.RunOnceAsync(source.Token));

        _log.Lines.ShouldBeEmpty();
    }

    /// <summary>Writes the key until so many blobs were displaced from it; returns them in order.</summary>
    private async Task<List<BlobId>> DisplaceAsync(string key, int count)
    {
        var displaced = new List<BlobId>(count);
        var found = await _store.FindObjectAsync(_bucket, MetadataSamples.Key(key), default);
        var before = found.Entry;
        while (displaced.Count < count)
        {
            if (before is not null)
            {
                displaced.Add(before.Handle.Id);
            }

            var result = await _store.CommitObjectAsync(
                _bucket, MetadataSamples.Key(key), _samples.Entry(), default, default);
            result.Error.ShouldBe(MetadataError.None);
            before = result.Entry;
        }

        return displaced;
    }

    /// <summary>Keys whose queues are those of the shards 0, 1 and 2.</summary>
    private async Task<string[]> OneKeyOfEachShardAsync()
    {
        var keys = new string?[Shards];
        for (int number = 0; keys.Contains(null); number++)
        {
            string key = $"probe-{number}";
            await DisplaceAsync(key, 1);
            for (int shard = 0; shard < Shards; shard++)
            {
                if ((await _store.ReadReclaimQueueAsync(shard, 0, 1, default)).Count > 0)
                {
                    keys[shard] ??= key;
                }
            }

            await _reclaimer.RunOnceAsync(default);
        }

        _router.Deleted.Clear();
        return keys!;
    }

    private async Task<int> QueuedAsync()
    {
        int queued = 0;
        for (int shard = 0; shard < Shards; shard++)
        {
            queued += (await _store.ReadReclaimQueueAsync(shard, 0, 10_000, default)).Count;
        }

        return queued;
    }

    /// <summary>The store with one shard whose queue cannot be read.</summary>
    public class StoppedShard : DispatchProxy
    {
        private IMetadataStore _inner = null!;
        private int _number;

        public static IMetadataStore Wrap(IMetadataStore inner, int number)
        {
            var wrapped = Create<IMetadataStore, StoppedShard>();
            ((StoppedShard)wrapped)._inner = inner;
            ((StoppedShard)wrapped)._number = number;
            return wrapped;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(IMetadataStore.ReadReclaimQueueAsync) && (int)args![0]! == _number
                ? throw new IOException("The shard has stopped.")
                : targetMethod.Invoke(_inner, args);
    }

    /// <summary>Deletes, or refuses to, and knows nothing else.</summary>
    private sealed class DeletingRouter : IBlobRouter
    {
        public List<BlobId> Deleted { get; } = [];

        public HashSet<BlobId> Refused { get; } = [];

        public bool Throws { get; set; }

        public Action? BeforeDelete { get; set; }

        public ValueTask<RouterError> DeleteAsync(BlobId id, DeleteScope scope, CancellationToken token)
        {
            BeforeDelete?.Invoke();
            scope.ShouldBe(DeleteScope.Whole);
            if (Refused.Contains(id))
            {
                return Throws
                    ? throw new InvalidOperationException("A list of parts that makes no sense.")
                    : ValueTask.FromResult(RouterError.Unavailable);
            }

            Deleted.Add(id);
            return ValueTask.FromResult(RouterError.None);
        }

        public ValueTask<PutBlobResult> PutAsync(PutBlobOptions options, Stream content, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<PutBlobResult> StitchAsync(
            PutBlobOptions options, IReadOnlyList<BlobPart> parts, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<OpenBlobResult> OpenReadAsync(
            BlobId id, long offset, long length, ReadScope scope, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<BlobPropertiesResult> GetPropertiesAsync(BlobId id, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<BlobPropertiesResult> GetPropertiesAsync(
            BlobId id, ReadScope scope, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<RouterError> UpdateTtlAsync(
            BlobId id, DateTimeOffset? expiresAt, CancellationToken token) =>
            throw new NotSupportedException();

        public ValueTask<RouterError> UndeleteAsync(BlobId id, CancellationToken token) =>
            throw new NotSupportedException();
    }

    /// <summary>Remembers what was said.</summary>
    private sealed class ReclaimLog : ILogger<Reclaimer>
    {
        public List<(LogLevel Level, string Text)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add((logLevel, formatter(state, exception)));
    }
}
