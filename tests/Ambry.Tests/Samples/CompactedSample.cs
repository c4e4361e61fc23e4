using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using static Ambry.Tests.Samples.SamplesV2;

namespace Ambry.Tests.Samples;

/// <summary>Makes the stores of <see cref="SamplesV2"/>, with the formats that the code writes today.</summary>
internal static class CompactedSample
{
    private const int MaxStops = 300;
    private static readonly CancellationToken NoToken = CancellationToken.None;

    public static async Task<SimDisk> ClosedAsync()
    {
        var disk = new SimDisk();
        BlobStore store = await FillAsync(disk);
        CompactionResult compacted = await CompactAsync(store);
        (compacted.Error, compacted.RecordsKept, compacted.RecordsDropped).ShouldBe((StoreError.None, 5, 2));
        EraseStep erased = await store.EraseDeletedAsync(0, long.MaxValue, NoToken);
        (erased.Error, erased.Erased).ShouldBe((StoreError.None, 1));
        await KeepTokensAsync(disk, store);
        await store.DisposeAsync();
        return disk;
    }

    /// <summary>Killed when the compaction is committed and what it replaced is still there.</summary>
    public static async Task<SimDisk> KilledWhileCompactingAsync()
    {
        for (int stop = 1; stop < MaxStops; stop++)
        {
            SimDisk killed = await KilledAtAsync(stop);
            LogInspection? log = await LogInspector.InspectAsync(killed, $"{SamplesV1.StoreFolder}/log", NoToken);
            if (log!.Segments.Any(segment => segment is { Role: InspectedSegmentRole.LeftOver, Number: 0 }))
            {
                return killed;
            }
        }

        throw new InvalidOperationException("No stop left what a compaction had replaced.");
    }

    /// <summary>Killed at a call of a compaction that changes the disk, counted from 1.</summary>
    public static async Task<SimDisk> KilledAtAsync(int stop)
    {
        var disk = new SimDisk();
        BlobStore store = await FillAsync(disk);
        disk.StopAtCall = (int)Math.Min((long)disk.MutatingCalls + stop, int.MaxValue);
        await CompactAsync(store);
        return disk.Kill();
    }

    /// <summary>
    /// Killed at a call of an erasure that changes the disk; null when the erasure had ended before.
    /// </summary>
    public static async Task<SimDisk?> KilledWhileErasingAsync(int stop)
    {
        var disk = new SimDisk();
        BlobStore store = await FillAsync(disk);
        disk.StopAtCall = disk.MutatingCalls + stop;
        EraseStep step = await store.EraseDeletedAsync(0, long.MaxValue, NoToken);
        return step.Error == StoreError.None ? null : disk.Kill();
    }

    public static ValueTask<BlobStore> OpenAsync(SimDisk disk, TimeProvider? time = null) => BlobStore.OpenAsync(
        Options(new SampleIds()),
        disk,
        SamplesV1.StoreFolder,
        time ?? new FakeTimeProvider(Compacted.AddHours(1)),
        NullLogger.Instance,
        NoToken);

    /// <summary>Two sealed segments and the tail.</summary>
    private static async Task<BlobStore> FillAsync(SimDisk disk)
    {
        var time = new FakeTimeProvider(SampleBlob.CreatedAt);
        BlobStore store = await OpenAsync(disk, time);
        var passing = MadePermanent with { ExpiresAt = SampleBlob.CreatedAt.AddDays(30) };
        await PutAsync(store, Empty, Plain, passing, DeletedAndDropped, ExpiredAndDropped);
        await PutAsync(store, Undeleted, LastCompacted, Erased);
        await ShouldDoAsync(store.UpdateTtlAsync(
            new UpdateTtlRequest(passing.Id, ExpiresAt: null, SampleBlob.CreatedAt), NoToken));
        await DeleteAsync(store, DeletedAndDropped, Undeleted, Erased);
        await ShouldDoAsync(store.UndeleteAsync(
            new UndeleteBlobRequest(Undeleted.Id, SampleBlob.CreatedAt.AddHours(1)), NoToken));
        await ShouldDoAsync(store.ApplyAsync(
            new StoreEntry(
                1, TombstoneAlone.Id, StoreRecordKind.Delete, 0, SampleBlob.CreatedAt, ExpiresAt: null, 0, 0),
            NoToken));
        await PutAsync(store, InTrimmed, InTail);
        time.SetUtcNow(Compacted);
        await PutAsync(store, DeletedLately);
        await ShouldDoAsync(store.DeleteAsync(new DeleteBlobRequest(DeletedLately.Id, Compacted), NoToken));
        return store;
    }

    private static ValueTask<CompactionResult> CompactAsync(BlobStore store) =>
        store.CompactAsync(new CompactionRange(1, 7), pacer: null, NoToken);

    private static async Task KeepTokensAsync(SimDisk disk, BlobStore store)
    {
        PeerTokens tokens = Tokens.Peers.Single();
        var pulled = new Dictionary<DataNodeId, TokenProgress> { [Peer] = new(tokens.Pulled) };
        var peers = new PeerProgress(store.IncarnationId, [Peer], []);
        peers.OnAsked(Peer, tokens.Passed);
        var file = new TokenFile(disk, SamplesV1.StoreFolder, store, NullLogger.Instance);
        (await file.CheckpointAsync(pulled, peers, NoToken)).ShouldBe(StoreError.None);
    }

    private static async Task PutAsync(BlobStore store, params SampleBlob[] blobs)
    {
        foreach (SampleBlob blob in blobs)
        {
            await ShouldDoAsync(store.PutAsync(blob.Put(), NoToken));
        }
    }

    private static async Task DeleteAsync(BlobStore store, params SampleBlob[] blobs)
    {
        foreach (SampleBlob blob in blobs)
        {
            await ShouldDoAsync(store.DeleteAsync(blob.Delete(), NoToken));
        }
    }

    private static async Task ShouldDoAsync(ValueTask<StoreError> operation) =>
        (await operation).ShouldBe(StoreError.None);
}
