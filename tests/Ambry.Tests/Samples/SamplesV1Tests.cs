using Ambry.Log;
using Ambry.Metadata;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Samples;

/// <summary>Old samples are read for ever.</summary>
public sealed class SamplesV1Tests
{
    [Fact]
    public async Task A_store_that_was_closed_reads_back() => await ShouldHoldClosedAsync(
        await SampleArchive.LoadAsync(SamplesV1.ClosedStore));

    [Fact]
    public async Task A_store_that_was_closed_reads_back_without_its_index()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV1.ClosedStore);
        string folder = $"{SamplesV1.StoreFolder}/index";
        disk.ListFiles(folder).Count.ShouldBe(3);
        foreach (string file in disk.ListFiles(folder))
        {
            disk.Delete($"{folder}/{file}");
        }

        await ShouldHoldClosedAsync(disk);
    }

    [Fact]
    public async Task A_store_that_was_killed_reads_back_up_to_its_torn_end() => await ShouldHoldKilledAsync(
        await SampleArchive.LoadAsync(SamplesV1.KilledStore));

    [Fact]
    public async Task A_store_goes_on_where_it_was()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV1.KilledStore);
        var next = new SampleBlob(21, 90_000);
        BlobStore store = await SampleWriter.OpenAsync(disk);
        (await store.PutAsync(next.Put(), CancellationToken.None)).ShouldBe(StoreError.None);
        store.LastLsn.ShouldBe(6);
        await store.DisposeAsync();

        await using BlobStore again = await SampleWriter.OpenAsync(disk);

        await ShouldHoldAsync(again, [.. SamplesV1.Killed, next]);
    }

    [Fact]
    public async Task A_descriptor_reads_back()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV1.ClosedStore);

        StoreDescriptor? read = await StoreDescriptor.ReadAsync(disk, SamplesV1.StoreFolder, default);

        read.ShouldBe(new StoreDescriptor(
            SampleBlob.Partition,
            SamplesV1.Incarnation,
            SampleBlob.CreatedAt.AddHours(1).ToUnixTimeMilliseconds()));
    }

    [Fact]
    public async Task A_mapping_reads_back() => await ShouldHoldMappingAsync(
        await SampleArchive.LoadAsync(SamplesV1.Mapping));

    [Fact]
    public async Task The_log_of_a_mapping_reads_back_alone()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV1.Mapping);
        var options = new AppendLogOptions { SegmentBytes = 64 << 10 };
        await using AppendLog log = await AppendLog.OpenAsync(
            disk, $"{SamplesV1.MappingFolder}/log", options, TimeProvider.System, null, default);

        var lsns = new List<long>();
        await foreach (LogRecord record in log.ReadFromAsync(1, default))
        {
            lsns.Add(record.Header.Lsn);
            record.Part0.Length.ShouldBe(4);
        }

        // The bucket, the keys, one again, one deletion; a batch may have taken more than one of them.
        lsns.ShouldBe(Enumerable.Range(1, lsns.Count).Select(number => (long)number));
        lsns.Count.ShouldBeGreaterThanOrEqualTo(SamplesV1.MappingKeys);
    }

    [Fact]
    public void A_find_token_reads_back()
    {
        FindToken.TryRead(SampleArchive.Read(SamplesV1.FindTokenFile), out FindToken token).ShouldBeTrue();

        token.ShouldBe(SamplesV1.FindToken);
    }

    internal static async Task ShouldHoldClosedAsync(SimDisk disk)
    {
        await using BlobStore store = await SampleWriter.OpenAsync(disk);
        store.Status.State.ShouldBe(StoreState.Running, store.Status.Reason);
        store.IncarnationId.ShouldBe(SamplesV1.Incarnation);
        (store.LastLsn, store.PutCount, store.DeleteCount).ShouldBe((10, 8, 2));
        await ShouldHoldAsync(store, SamplesV1.Closed);
    }

    internal static async Task ShouldHoldKilledAsync(SimDisk disk)
    {
        await using BlobStore store = await SampleWriter.OpenAsync(disk);
        store.Status.State.ShouldBe(StoreState.Running, store.Status.Reason);
        (store.LastLsn, store.PutCount, store.DeleteCount).ShouldBe((5, 4, 1));
        await ShouldHoldAsync(store, SamplesV1.Killed);
    }

    internal static async Task ShouldHoldMappingAsync(SimDisk disk)
    {
        await using LocalMetadataStore mapping = await SampleWriter.OpenMappingAsync(disk);
        BucketRecord? bucket = await mapping.FindBucketAsync("samples", default);
        bucket.ShouldNotBeNull().CreatedAt.ShouldBe(SampleBlob.CreatedAt);
        for (int i = 0; i < SamplesV1.MappingKeys; i++)
        {
            ObjectResult found = await mapping.FindObjectAsync(bucket, SampleWriter.Key(i), default);
            bool deleted = i == SamplesV1.DeletedKey;
            found.Error.ShouldBe(deleted ? MetadataError.NoSuchKey : MetadataError.None);
            found.Entry?.ETag.ShouldBe(SampleWriter.ETag(i));
        }
    }

    private static async Task ShouldHoldAsync(BlobStore store, SampleBlob[] blobs)
    {
        foreach (SampleBlob blob in blobs)
        {
            await blob.ShouldBeInAsync(store);
        }
    }
}
