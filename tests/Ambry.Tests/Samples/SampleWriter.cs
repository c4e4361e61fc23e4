using Ambry.Metadata;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Ambry.Tests.Metadata;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Samples;

/// <summary>Makes samples with the formats that the code writes today.</summary>
internal static class SampleWriter
{
    public const int Version = 2;

    private static readonly CancellationToken NoToken = CancellationToken.None;

    public static async Task<SimDisk> ClosedStoreAsync()
    {
        var disk = new SimDisk();
        BlobStore store = await OpenAsync(disk);
        await PutAsync(store, SamplesV1.Closed);
        foreach (SampleBlob blob in SamplesV1.Closed.Where(blob => blob.Error == StoreError.Deleted))
        {
            (await store.DeleteAsync(blob.Delete(), NoToken)).ShouldBe(StoreError.None);
        }

        await store.DisposeAsync();
        return disk;
    }

    /// <summary>The process dies while the last put is being written.</summary>
    public static async Task<SimDisk> KilledStoreAsync()
    {
        var disk = new SimDisk();
        BlobStore store = await OpenAsync(disk);
        await PutAsync(store, SamplesV1.Killed[..2]);
        (await store.FlushIndexAsync(NoToken)).ShouldBe(StoreError.None);
        await PutAsync(store, SamplesV1.Killed[2..4]);
        (await store.DeleteAsync(SamplesV1.Killed[0].Delete(), NoToken)).ShouldBe(StoreError.None);
        await PutAsync(store, SamplesV1.Killed[4..]);
        SimDisk killed = disk.Kill();
        string folder = $"{SamplesV1.StoreFolder}/log";
        string newest = $"{folder}/{killed.ListFiles(folder)[^1]}";
        byte[] bytes = killed.Contents(newest);
        int end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        bytes.AsSpan(end - 500, 500).Clear();
        killed.Overwrite(newest, bytes);
        return killed;
    }

    /// <summary>A bucket, keys, one of them deleted, and one written over.</summary>
    public static async Task<SimDisk> MappingAsync()
    {
        var disk = new SimDisk();
        LocalMetadataStore mapping = await OpenMappingAsync(disk);
        var samples = new MetadataSamples(SamplesV1.MappingKeys);
        BucketResult bucket = await mapping.CreateBucketAsync("samples", "o", "r", 0, SampleBlob.CreatedAt, NoToken);
        foreach (int number in Enumerable.Range(0, SamplesV1.MappingKeys).Append(0))
        {
            ObjectEntry entry = samples.Entry(ETag(number));
            (await mapping.CommitObjectAsync(bucket.Bucket!, Key(number), entry, default, NoToken)).Error
                .ShouldBe(MetadataError.None);
        }

        await mapping.DeleteObjectAsync(bucket.Bucket!, Key(SamplesV1.DeletedKey), default, NoToken);
        await mapping.DisposeAsync();
        return disk;
    }

    public static byte[] Token()
    {
        byte[] bytes = new byte[FindToken.EncodedLength];
        SamplesV1.FindToken.Write(bytes);
        return bytes;
    }

    public static ObjectKey Key(int number) => MetadataSamples.Key($"key/{number:D3}");

    public static string ETag(int number) => $"etag-{number}";

    public static ValueTask<LocalMetadataStore> OpenMappingAsync(SimDisk disk) => LocalMetadataStore.OpenAsync(
        disk,
        SamplesV1.MappingFolder,
        new MetadataOptions { ShardCount = 2, LogSegmentBytes = 64 << 10 },
        new FakeTimeProvider(SampleBlob.CreatedAt),
        NullLoggerFactory.Instance,
        NoToken);

    public static ValueTask<BlobStore> OpenAsync(SimDisk disk) => BlobStore.OpenAsync(
        SamplesV1.Options(new SampleIds()),
        disk,
        SamplesV1.StoreFolder,
        new FakeTimeProvider(SampleBlob.CreatedAt.AddHours(1)),
        NullLogger.Instance,
        NoToken);

    private static async Task PutAsync(BlobStore store, SampleBlob[] blobs)
    {
        foreach (SampleBlob blob in blobs)
        {
            (await store.PutAsync(blob.Put(), NoToken)).ShouldBe(StoreError.None, $"blob {blob.Number}");
        }
    }
}
