using Ambry.Log;
using Ambry.Metadata;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;
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
}
