using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Store.Inspection;
using Ambry.Testing;
using Ambry.Tests.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Samples;

/// <summary>Old samples are read for ever.</summary>
public sealed class SamplesV2Tests
{
    private const string Folder = SamplesV1.StoreFolder;

    [Fact]
    public async Task Stores_and_a_mapping_read_back()
    {
        await SamplesV1Tests.ShouldHoldClosedAsync(await SampleArchive.LoadAsync(SamplesV2.ClosedStore));
        await SamplesV1Tests.ShouldHoldKilledAsync(await SampleArchive.LoadAsync(SamplesV2.KilledStore));
        await SamplesV1Tests.ShouldHoldMappingAsync(await SampleArchive.LoadAsync(SamplesV2.Mapping));
    }

    [Fact]
    public async Task A_compacted_store_reads_back() => await ShouldHoldCompactedAsync(
        await SampleArchive.LoadAsync(SamplesV2.CompactedStore));

    [Fact]
    public async Task A_compacted_store_reads_back_without_its_index()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV2.CompactedStore);
        foreach (string file in disk.ListFiles($"{Folder}/index"))
        {
            disk.Delete($"{Folder}/index/{file}");
        }

        await ShouldHoldCompactedAsync(disk);
    }

    [Fact]
    public async Task A_store_that_was_killed_while_it_was_compacted_reads_back() => await ShouldHoldCompactingAsync(
        await SampleArchive.LoadAsync(SamplesV2.CompactingStore));

    [Fact]
    public async Task A_blob_that_was_deleted_lately_can_be_undeleted()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV2.CompactedStore);
        await using BlobStore store = await CompactedSample.OpenAsync(disk);

        StoreError undeleted = await store.UndeleteAsync(
            new UndeleteBlobRequest(SamplesV2.DeletedLately.Id, SamplesV2.Compacted.AddHours(1)), default);

        undeleted.ShouldBe(StoreError.None);
        await (SamplesV2.DeletedLately with { Error = StoreError.None }).ShouldBeInAsync(store);
        (await store.UndeleteAsync(new UndeleteBlobRequest(SamplesV2.Erased.Id, SamplesV2.Compacted), default))
            .ShouldNotBe(StoreError.None);
    }

    [Fact]
    public async Task The_sample_has_all_that_it_is_for()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV2.CompactedStore);
        LogInspection log = (await LogInspector.InspectAsync(disk, $"{Folder}/log", default)).ShouldNotBeNull();
        log.Manifest.ShouldNotBeNull().Entries.Count.ShouldBe(2);
        log.Segments[0].Number.ShouldBe(LogSegmentState.FirstCompactedNumber);
        log.Segments[1].LiveFirstLsn.ShouldBeGreaterThan(log.Segments[1].HeaderFirstLsn);

        VerifyCounts counts = (await InspectionKit.ShouldBeRightAsync(disk, Folder)).Counts;

        (counts.TtlUpdates, counts.Undeletes, counts.Erased, counts.IsClosed).ShouldBe((1, 1, 1, true));
        IndexInspector.List(disk, $"{Folder}/index").ShouldAllBe(name => name.Contains('-'));
    }

    [Fact]
    public async Task Tokens_read_back()
    {
        SimDisk disk = await SampleArchive.LoadAsync(SamplesV2.CompactedStore);
        await using BlobStore store = await CompactedSample.OpenAsync(disk);

        ReplicaTokens read = await new TokenFile(disk, Folder, store, NullLogger.Instance).LoadAsync(default);

        read.Incarnation.ShouldBe(SamplesV1.Incarnation);
        read.Peers.ShouldBe(SamplesV2.Tokens.Peers);
    }

    internal static async Task ShouldHoldCompactedAsync(SimDisk disk)
    {
        await InspectionKit.ShouldBeRightOrUnindexedAsync(disk, Folder);
        await using BlobStore store = await CompactedSample.OpenAsync(disk);
        store.Status.State.ShouldBe(StoreState.Running, store.Status.Reason);
        foreach (SampleBlob blob in SamplesV2.All)
        {
            await blob.ShouldBeInAsync(store);
        }
    }

    internal static async Task ShouldHoldCompactingAsync(SimDisk disk)
    {
        VerifyReport report = await InspectionKit.ShouldBeRightAsync(disk, Folder);
        report.Notes.ShouldContain(note => note.Message.StartsWith("a left-over", StringComparison.Ordinal));
        await ShouldHoldCompactedAsync(disk);
    }
}
