using Ambry.Log;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Ambry.Metadata.State;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

/// <summary>The local store over a shard with a bad leaf that the log does not reach back to replace.</summary>
public sealed class LocalMetadataStoreDamageTests
{
    private const string Mark = "damage-me-here";

    private readonly MetadataSamples _samples = new(41);

    private static CancellationToken Token => CancellationToken.None;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_bad_leaf_costs_its_shard_and_never_the_mapping(bool isNeededByReplay)
    {
        var disk = new SimDisk();
        var store = await OpenAsync(disk, isLogCut: false);
        var bucket = (await store.CreateBucketAsync("bucket", "o", "r", 0, MetadataSamples.Time, Token)).Bucket!;
        var keys = Enumerable.Range(0, 40).Select(i => MetadataSamples.Key($"k{i}")).ToList();
        foreach (var key in keys)
        {
            (await CommitAsync(store, bucket, key)).ShouldBe(MetadataError.None);
        }

        await store.DisposeAsync();
        var hurt = keys.First(key => SlotMap.ShardOf(bucket, key, store.ShardCount) == 1);
        var whole = keys.First(key => SlotMap.ShardOf(bucket, key, store.ShardCount) != 1);
        if (isNeededByReplay)
        {
            store = await OpenAsync(disk, isLogCut: false);
            (await CommitAsync(store, bucket, hurt)).ShouldBe(MetadataError.None);
            disk = disk.Kill();
            await store.DisposeAsync();
        }

        Damage(disk, "meta/shard-0001");

        await using var damaged = await OpenAsync(disk, isLogCut: true);

        damaged.IsReady.ShouldBe(!isNeededByReplay);
        (await damaged.FindObjectAsync(bucket, whole, Token)).Error.ShouldBe(MetadataError.None);
        (await CommitAsync(damaged, bucket, whole)).ShouldBe(MetadataError.None);
        (await CommitAsync(damaged, bucket, hurt)).ShouldBe(MetadataError.Unavailable);
        if (isNeededByReplay)
        {
            (await damaged.FindObjectAsync(bucket, hurt, Token)).Error.ShouldBe(MetadataError.Unavailable);
        }
        else
        {
            await Should.ThrowAsync<CorruptRecordException>(
                async () => await damaged.FindObjectAsync(bucket, hurt, Token));
        }

        // Without a lasting effect on the others.
        (await damaged.FindObjectAsync(bucket, whole, Token)).Error.ShouldBe(MetadataError.None);
    }

    private static void Damage(SimDisk disk, string folder)
    {
        int at = disk.Contents($"{folder}/shard.db").AsSpan().IndexOf("damage-me-here"u8);
        at.ShouldBeGreaterThan(0);
        disk.FlipBit($"{folder}/shard.db", at, 3);
        // The mark of an earlier run that has met the damage.
        disk.Open($"{folder}/shard.bad", create: true).Dispose();
    }

    private static ValueTask<LocalMetadataStore> OpenAsync(SimDisk disk, bool isLogCut) =>
        LocalMetadataStore.OpenAsync(
            disk,
            "meta",
            new MetadataOptions { ShardCount = 4, LogSegmentBytes = 1 << 20 },
            TimeProvider.System,
            NullLogger.Instance,
            async (folder, log) => await ShardEngine.OpenAsync(
                disk,
                folder,
                new ShardEngineOptions(),
                isLogCut ? log with { OldestIndex = 2 } : log,
                TimeProvider.System,
                NullLogger.Instance,
                Token),
            Token);

    private async Task<MetadataError> CommitAsync(LocalMetadataStore store, BucketRecord bucket, ObjectKey key) =>
        (await store.CommitObjectAsync(bucket, key, _samples.Entry(Mark), default, Token)).Error;
}
