using Ambry.Log;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Ambry.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

/// <summary>The local store on a simulated disk: the common behaviour, and what survives a stop.</summary>
public sealed class LocalMetadataStoreTests : MetadataStoreBehaviour
{
    private SimDisk _disk = new();
    private LocalMetadataStore? _store;

    [Fact]
    public async Task Reopening_keeps_everything()
    {
        var kept = await FillAsync();
        await _store!.DisposeAsync();
        await ReopenAsync(_disk);

        await ExpectAsync(kept);
        (await Store.CreateBucketAsync("bucket", "o", "r", 0, MetadataSamples.Time, Token)).Error
            .ShouldBe(MetadataError.BucketExists);
        (await CreateBucketAsync("next")).Id.Value.ShouldBeGreaterThan(Bucket.Id.Value);
        (await CommitAsync("k0")).Version.ShouldBeGreaterThan(kept["k0"].Version);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_power_cut_loses_nothing_that_was_answered(int seed)
    {
        var kept = await FillAsync();
        if (seed == 2)
        {
            foreach (var shard in _store!.Shards)
            {
                await ((ShardEngine)shard.State).FoldAsync(Token);
            }

            kept["late"] = await CommitAsync("late");
        }

        var crashed = _disk.Crash(seed);
        await _store!.DisposeAsync();
        await ReopenAsync(crashed);

        await ExpectAsync(kept);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task An_interrupted_bucket_deletion_is_ended_at_opening_or_later(bool hasObject, bool later)
    {
        if (hasObject)
        {
            await CommitAsync("k");
        }

        await MarkDeletingAsync();
        (await Store.FindBucketAsync("bucket", Token)).ShouldBeNull();

        if (later)
        {
            await _store!.RunMaintenanceOnceAsync(Token);
        }
        else
        {
            await _store!.DisposeAsync();
            await ReopenAsync(_disk);
        }

        (await Store.FindBucketAsync("bucket", Token)).ShouldBe(hasObject ? Bucket : null);
        if (hasObject)
        {
            (await FindAsync("k")).Error.ShouldBe(MetadataError.None);
            await CommitAsync("k");
        }
    }

    [Fact]
    public async Task Folded_log_is_given_back_although_shards_are_quiet()
    {
        var narrow = await CreateBucketAsync("narrow", width: 1);
        var samples = new MetadataSamples(8);
        var entry = samples.Entry() with { Headers = [new NameValue("h", new string('x', 8000))] };
        for (int i = 0; i < 1100; i++)
        {
            var next = entry with { HolderId = samples.Id() };
            await Store.CommitObjectAsync(narrow, MetadataSamples.Key("k"), next, default, Token);
        }

        _store!.NodeLog.FirstIndex.ShouldBe(1);
        await _store.RunMaintenanceOnceAsync(Token);
        foreach (var shard in _store.Shards)
        {
            await ((ShardEngine)shard.State).FoldAsync(Token);
        }

        await _store.RunMaintenanceOnceAsync(Token);

        _store.NodeLog.FirstIndex.ShouldBeGreaterThan(900);
        await _store.DisposeAsync();
        await ReopenAsync(_disk);
        (await Store.FindObjectAsync(narrow, MetadataSamples.Key("k"), Token)).Error.ShouldBe(MetadataError.None);
    }

    [Fact]
    public async Task A_failed_log_answers_unavailable_from_then_on()
    {
        var entry = await CommitAsync("k");
        _disk.SyncFault = _ => new IOException("gone");
        var failed = await Store.CommitObjectAsync(
            Bucket, MetadataSamples.Key("k"), entry with { HolderId = Guid.Empty }, default, Token);

        failed.Error.ShouldBe(MetadataError.Unavailable);
        _store!.IsReady.ShouldBeFalse();
        (await FindAsync("k")).Error.ShouldBe(MetadataError.Unavailable);
        _disk.SyncFault = null;
        (await Store.DeleteObjectAsync(Bucket, MetadataSamples.Key("k"), default, Token)).Error
            .ShouldBe(MetadataError.Unavailable);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task With_interval_durability_a_power_cut_leaves_a_log_that_reaches_what_was_folded(int seed)
    {
        var options = new MetadataOptions { LogSegmentBytes = 1 << 20, Durability = DurabilityMode.Interval };
        await _store!.DisposeAsync();
        _disk = new SimDisk();
        _store = await OpenStillAsync(_disk, options);
        UseStore(_store);
        var bucket = await CreateBucketAsync("interval");
        var samples = new MetadataSamples(seed);
        for (int i = 0; i < 40; i++)
        {
            await Store.CommitObjectAsync(bucket, MetadataSamples.Key($"k{i}"), samples.Entry(), default, Token);
        }

        foreach (var shard in _store.Shards)
        {
            await ((ShardEngine)shard.State).FoldAsync(Token);
        }

        var crashed = _disk.Crash(seed);
        await _store.DisposeAsync();
        _store = await OpenStillAsync(crashed, options);
        UseStore(_store);

        for (int i = 0; i < 40; i++)
        {
            var key = MetadataSamples.Key($"k{i}");
            (await Store.FindObjectAsync(bucket, key, Token)).Error.ShouldBe(MetadataError.None);
            (await Store.CommitObjectAsync(bucket, key, samples.Entry(), default, Token)).Error
                .ShouldBe(MetadataError.None);
        }
    }

    [Fact]
    public async Task A_log_that_ends_before_what_was_folded_is_refused_and_both_indexes_are_named()
    {
        await FillAsync();
        await _store!.DisposeAsync();
        long folded = _store.Shards.Max(shard => shard.State.FoldedIndex);
        var before = _disk.Copy();
        foreach (string name in _disk.ListFiles("meta/log"))
        {
            _disk.Delete($"meta/log/{name}");
        }

        var lost = await Should.ThrowAsync<IOException>(async () => await ReopenAsync(_disk));

        lost.Message.ShouldContain("ends at index 0");
        lost.Message.ShouldContain($"{folded}");
        await ReopenAsync(before);
    }

    [Fact]
    public async Task Nothing_of_a_store_that_failed_to_open_goes_on_running()
    {
        await MarkDeletingAsync();
        await _store!.DisposeAsync();
        var time = new CountingTimeProvider();

        // The last step of opening tells the log what became of the deletion.
        await Should.ThrowAsync<NotSupportedException>(async () => await LocalMetadataStore.OpenAsync(
            _disk, "meta", new MetadataOptions { LogSegmentBytes = 1 << 20 }, time, new DeafLoggers(), Token));

        time.Created.ShouldBeGreaterThan(0);
        time.Running.ShouldBe(0);
        await ReopenAsync(_disk);
        (await Store.FindBucketAsync("bucket", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task The_number_of_shards_is_fixed_and_the_folder_is_locked()
    {
        await Should.ThrowAsync<IOException>(async () => await OpenOnAsync(_disk, new MetadataOptions()));
        await _store!.DisposeAsync();
        await ReopenAsync(_disk, new MetadataOptions { ShardCount = 9, LogSegmentBytes = 1 << 20 });
        Store.ShardCount.ShouldBe(4);
    }

    protected override async ValueTask<IMetadataStore> OpenAsync(MetadataOptions options) =>
        _store = await OpenOnAsync(_disk, options);

    protected override ValueTask CloseAsync() => _store!.DisposeAsync();

    private static ValueTask<LocalMetadataStore> OpenOnAsync(IDisk disk, MetadataOptions options) =>
        LocalMetadataStore.OpenAsync(disk, "meta", options, TimeProvider.System, NullLoggerFactory.Instance, Token);

    /// <summary>With a clock that stands still, so that nothing is synced by age.</summary>
    private static ValueTask<LocalMetadataStore> OpenStillAsync(IDisk disk, MetadataOptions options) =>
        LocalMetadataStore.OpenAsync(
            disk, "meta", options, new FakeTimeProvider(), NullLoggerFactory.Instance, Token);

    private async Task ReopenAsync(SimDisk disk, MetadataOptions? options = null)
    {
        _disk = disk;
        _store = await OpenOnAsync(disk, options ?? new MetadataOptions { LogSegmentBytes = 1 << 20 });
        UseStore(_store);
    }

    private async Task MarkDeletingAsync()
    {
        var mark = new Ambry.Metadata.Commands.ChangeBucketCommand(
            Ambry.Metadata.Commands.CommandKind.MarkBucketDeleting, Bucket.Id, Bucket.Name);
        await _store!.Shards[0].SubmitPatientlyAsync(Ambry.Metadata.Commands.CommandCodec.Encode(mark));
    }

    private async Task<Dictionary<string, ObjectEntry>> FillAsync()
    {
        var keys = Enumerable.Range(0, 60).Select(i => $"k{i}").ToList();
        var entries = await Task.WhenAll(keys.Select(key => CommitAsync(key, $"etag-{key}")));
        return keys.Zip(entries).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task ExpectAsync(Dictionary<string, ObjectEntry> kept)
    {
        (await Store.FindBucketAsync("bucket", Token)).ShouldBe(Bucket);
        foreach (var (key, entry) in kept)
        {
            var found = await FindAsync(key);
            found.Error.ShouldBe(MetadataError.None, key);
            Bytes(found.Entry!).ShouldBe(Bytes(entry));
        }
    }

    /// <summary>Counts timers.</summary>
    private sealed class CountingTimeProvider : TimeProvider
    {
        private int _running;

        public int Created { get; private set; }

        public int Running => Volatile.Read(ref _running);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Created++;
            Interlocked.Increment(ref _running);
            return new Counted(this, System.CreateTimer(callback, state, dueTime, period));
        }

        private sealed class Counted(CountingTimeProvider owner, ITimer timer) : ITimer
        {
            private int _isDisposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

            public void Dispose()
            {
                if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                {
                    Interlocked.Decrement(ref owner._running);
                }

                timer.Dispose();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }

    /// <summary>Throws on the news of a resumed deletion.</summary>
    private sealed class DeafLoggers : ILoggerFactory, ILogger
    {
        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 5530)
            {
                throw new NotSupportedException();
            }
        }
    }
}
