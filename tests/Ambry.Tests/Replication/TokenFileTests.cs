using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Testing;
using Ambry.Tests.Samples;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Replication;

public class TokenFileTests
{
    private const string Path = $"{SamplesV1.StoreFolder}/{TokenFile.FileName}";

    private static readonly Guid PeerStore = new("ff112233-4455-6677-8899-aabbccddeeff");
    private static readonly DataNodeId Peer = new("peer", 6667);
    private static readonly CancellationToken NoToken = CancellationToken.None;

    [Fact]
    public async Task Without_a_file_nothing_is_known()
    {
        var disk = new SimDisk();
        await using BlobStore store = await SampleWriter.OpenAsync(disk);

        (await FileOf(disk, store).LoadAsync(NoToken)).Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_kept_is_known_after_a_power_cut()
    {
        var disk = new SimDisk();
        BlobStore store = await SampleWriter.OpenAsync(disk);
        (await KeepAsync(disk, store, peerLsn: 9)).ShouldBe(StoreError.None);
        SimDisk crashed = disk.Crash(seed: 1);

        await using BlobStore again = await SampleWriter.OpenAsync(crashed);

        ReplicaTokens read = await FileOf(crashed, again).LoadAsync(NoToken);
        read.Peers.ShouldBe([new PeerTokens(Peer, new FindToken(PeerStore, 9), new FindToken(store.IncarnationId, 1))]);
    }

    /// <summary>At every call that changes the disk: a token that is there has its data there.</summary>
    [Fact]
    public async Task No_stop_leaves_a_token_without_its_data()
    {
        int stops = 0;
        int kept = 0;
        for (int stopAt = 1; await StopAsync(stopAt); stopAt++)
        {
            stops++;
        }

        stops.ShouldBeGreaterThan(8);
        kept.ShouldBeGreaterThan(0);

        async Task<bool> StopAsync(int stopAt)
        {
            var disk = new SimDisk();
            BlobStore store = await OpenIntervalAsync(disk);
            int before = disk.MutatingCalls;
            disk.StopAtCall = before + stopAt;
            bool finished = await TryKeepAsync(disk, store);
            SimDisk crashed = disk.Crash(stopAt);
            await using BlobStore again = await OpenIntervalAsync(crashed);
            ReplicaTokens read = await FileOf(crashed, again).LoadAsync(NoToken);
            if (read.Peers.Any(peer => peer.Pulled.Lsn > 0))
            {
                kept++;
                await new SampleBlob(31, 3000).ShouldBeInAsync(again);
            }

            return !finished;
        }
    }

    [Fact]
    public async Task A_damaged_file_is_no_file()
    {
        var disk = new SimDisk();
        await using BlobStore store = await SampleWriter.OpenAsync(disk);
        await KeepAsync(disk, store, peerLsn: 9);
        disk.FlipBit(Path, 50, 3);

        (await FileOf(disk, store).LoadAsync(NoToken)).Peers.ShouldBeEmpty();
        disk.Overwrite(Path, new byte[ReplicaTokens.MaxEncodedLength + 1]);
        (await FileOf(disk, store).LoadAsync(NoToken)).Peers.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tokens_of_a_replaced_store_are_not_used()
    {
        var disk = new SimDisk();
        await using BlobStore store = await SampleWriter.OpenAsync(disk);
        var foreign = new ReplicaTokens(PeerStore, [new PeerTokens(Peer, new FindToken(PeerStore, 5), default)]);
        await disk.WriteAtomicAsync(Path, foreign.Encode(), NoToken);

        ReplicaTokens read = await FileOf(disk, store).LoadAsync(NoToken);

        read.ShouldSatisfyAllConditions(
            () => read.Peers.ShouldBeEmpty(), () => read.Incarnation.ShouldBe(store.IncarnationId));
    }

    [Fact]
    public async Task What_did_not_move_is_not_written_again()
    {
        var disk = new SimDisk();
        await using BlobStore store = await SampleWriter.OpenAsync(disk);
        TokenFile file = FileOf(disk, store);
        var pulled = new Dictionary<DataNodeId, TokenProgress> { [Peer] = new(new FindToken(PeerStore, 3)) };
        var peers = new PeerProgress(store.IncarnationId, [Peer], []);
        await file.CheckpointAsync(pulled, peers, NoToken);
        int writes = disk.Writes;

        await file.CheckpointAsync(pulled, peers, NoToken);

        disk.Writes.ShouldBe(writes);
    }

    private static async Task<bool> TryKeepAsync(SimDisk disk, BlobStore store)
    {
        try
        {
            return await KeepAsync(disk, store, peerLsn: 9) == StoreError.None;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Pulls one record of the peer, the peer pulls it back, and both are remembered.</summary>
    private static async Task<StoreError> KeepAsync(SimDisk disk, BlobStore store, long peerLsn)
    {
        StoreError put = await store.PutReplicatedAsync(new SampleBlob(31, 3000).Put(), 0, NoToken);
        if (put != StoreError.None)
        {
            return put;
        }

        var progress = new TokenProgress(FindToken.Start);
        progress.Restart(new FindToken(PeerStore, 0));
        progress.Advance(new FindToken(PeerStore, peerLsn), store.LastLsn);
        var peers = new PeerProgress(store.IncarnationId, [Peer], []);
        peers.OnAsked(Peer, new FindToken(store.IncarnationId, store.LastLsn));
        return await FileOf(disk, store).CheckpointAsync(
            new Dictionary<DataNodeId, TokenProgress> { [Peer] = progress }, peers, NoToken);
    }

    private static TokenFile FileOf(SimDisk disk, BlobStore store) =>
        new(disk, SamplesV1.StoreFolder, store, NullLogger.Instance);

    /// <summary>The mode that answers before anything is on the disk.</summary>
    private static ValueTask<BlobStore> OpenIntervalAsync(SimDisk disk) => BlobStore.OpenAsync(
        new BlobStoreOptions
        {
            PartitionId = SampleBlob.Partition,
            CapacityBytes = 16L << 20,
            SegmentBytes = 128 << 10,
            DurabilityMode = DurabilityMode.Interval,
        },
        disk,
        SamplesV1.StoreFolder,
        TimeProvider.System,
        NullLogger.Instance,
        NoToken);
}
