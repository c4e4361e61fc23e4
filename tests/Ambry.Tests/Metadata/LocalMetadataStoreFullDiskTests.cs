using Ambry.Log;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

/// <summary>The local store on a disk without room: refusals that end when there is room again.</summary>
public sealed class LocalMetadataStoreFullDiskTests : IAsyncLifetime
{
    private const long RoomForOneSegment = 1_800_000;

    private readonly MetadataSamples _samples = new(31);
    private readonly SimDisk _disk = new();
    private LocalMetadataStore? _store;

    private static CancellationToken Token => CancellationToken.None;

    private LocalMetadataStore Store => _store!;

    public async Task InitializeAsync() => await OpenAsync(_disk);

    public async Task DisposeAsync() => await Store.DisposeAsync();

    [Fact]
    public async Task A_log_that_cannot_grow_refuses_changes_and_goes_on_answering_reads()
    {
        var bucket = await CreateBucketAsync();
        var first = await CommitAsync(bucket, "k0");
        first.Error.ShouldBe(MetadataError.None);
        _disk.CapacityBytes = RoomForOneSegment;

        int kept = await CommitUntilAsync(bucket, MetadataError.Full);
        for (int i = 0; i < 50; i++)
        {
            (await CommitAsync(bucket, $"late{i}")).Error.ShouldBe(MetadataError.Full);
        }

        Store.IsReady.ShouldBeTrue();
        (await FindAsync(bucket, "k0")).ShouldBe(MetadataError.None);
        (await FindAsync(bucket, "late0")).ShouldBe(MetadataError.NoSuchKey);

        _disk.CapacityBytes = long.MaxValue;
        (await CommitAsync(bucket, "late0")).Error.ShouldBe(MetadataError.None);
        await Store.DisposeAsync();
        await OpenAsync(_disk);
        for (int i = 0; i < kept; i++)
        {
            (await FindAsync(bucket, $"k{i}")).ShouldBe(MetadataError.None);
        }

        (await FindAsync(bucket, "late0")).ShouldBe(MetadataError.None);
        (await FindAsync(bucket, "late1")).ShouldBe(MetadataError.NoSuchKey);
    }

    [Fact]
    public async Task A_fold_without_room_costs_nothing_but_memory_and_a_restart_opens_all_the_same()
    {
        await Store.DisposeAsync();
        var disk = new SimDisk();
        await OpenSmallAsync(disk);
        var bucket = await CreateBucketAsync();
        disk.WriteFault = ShardFilesAreFull;

        int kept = await CommitUntilAsync(bucket, MetadataError.Full);
        Store.IsReady.ShouldBeTrue();
        (await FindAsync(bucket, "k0")).ShouldBe(MetadataError.None);

        var killed = disk.Kill();
        await Store.DisposeAsync();
        killed.WriteFault = ShardFilesAreFull;
        await OpenSmallAsync(killed);
        for (int i = 0; i < kept; i++)
        {
            (await FindAsync(bucket, $"k{i}")).ShouldBe(MetadataError.None);
        }

        Store.IsReady.ShouldBeTrue();
        killed.WriteFault = null;
        foreach (var shard in Store.Shards)
        {
            await FoldWithRoomAsync((ShardEngine)shard.State);
        }

        (await CommitAsync(bucket, $"k{kept}")).Error.ShouldBe(MetadataError.None);
    }

    [Fact]
    public async Task A_failed_engine_is_not_ready_and_answers_unavailable()
    {
        var bucket = await CreateBucketAsync();
        await CommitAsync(bucket, "k0");
        _disk.WriteFault = path => path.Contains("shard.") ? new IOException("broken") : null;
        foreach (var shard in Store.Shards)
        {
            if (shard.State.AppliedIndex > shard.State.FoldedIndex)
            {
                await Should.ThrowAsync<ShardFailedException>(
                    async () => await ((ShardEngine)shard.State).FoldAsync(Token));
            }
        }

        Store.IsReady.ShouldBeFalse();
        (await FindAsync(bucket, "k0")).ShouldBe(MetadataError.Unavailable);
        _disk.WriteFault = null;
    }

    private static IOException? ShardFilesAreFull(string path) =>
        path.Contains("/shard.") ? new DiskFullException("full", null) : null;

    /// <summary>With an overlay that is soon at its limit, and a clock that stands still.</summary>
    private async Task OpenSmallAsync(IDisk disk)
    {
        var time = new FakeTimeProvider();
        var limits = new ShardEngineOptions { FoldEntries = 20, OverlayEntriesMax = 60 };
        _store = await LocalMetadataStore.OpenAsync(
            disk,
            "meta",
            new MetadataOptions { ShardCount = 2, LogSegmentBytes = 1 << 20 },
            time,
            NullLogger.Instance,
            async (folder, log) =>
                await ShardEngine.OpenAsync(disk, folder, limits, log, time, NullLogger.Instance, Token),
            Token);
    }

    private async Task OpenAsync(IDisk disk) =>
        _store = await LocalMetadataStore.OpenAsync(
            disk,
            "meta",
            new MetadataOptions { ShardCount = 4, LogSegmentBytes = 1 << 20 },
            TimeProvider.System,
            NullLoggerFactory.Instance,
            Token);

    private async Task<BucketRecord> CreateBucketAsync() =>
        (await Store.CreateBucketAsync("bucket", "o", "r", 0, MetadataSamples.Time, Token)).Bucket!;

    /// <summary>Writes k0, k1 and so on; returns how many were kept before the expected refusal.</summary>
    private async Task<int> CommitUntilAsync(BucketRecord bucket, MetadataError expected)
    {
        for (int i = 0; i < 5000; i++)
        {
            var result = await CommitAsync(bucket, $"k{i}");
            if (result.Error != MetadataError.None)
            {
                result.Error.ShouldBe(expected);
                return i;
            }
        }

        throw new InvalidOperationException("Nothing was refused.");
    }

    private ValueTask<ObjectResult> CommitAsync(BucketRecord bucket, string key)
    {
        var entry = _samples.Entry() with { Headers = [new NameValue("h", new string('x', 2000))] };
        return Store.CommitObjectAsync(bucket, MetadataSamples.Key(key), entry, default, Token);
    }

    private async Task<MetadataError> FindAsync(BucketRecord bucket, string key) =>
        (await Store.FindObjectAsync(bucket, MetadataSamples.Key(key), Token)).Error;

    /// <summary>A fold that was begun while the disk was full may answer for the first one asked for here.</summary>
    private static async Task FoldWithRoomAsync(ShardEngine engine)
    {
        try
        {
            await engine.FoldAsync(Token);
        }
        catch (DiskFullException)
        {
            await engine.FoldAsync(Token);
        }
    }
}
