using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

public class NodeAdminTests
{
    private static readonly PartitionId Zero = new(0);

    [Fact]
    public async Task A_stopped_replica_serves_nothing_and_is_not_taken_for_broken()
    {
        await using NodesWorld world = await LevelAsync();
        await world.PutAsync(0, 0, 1);
        (await world[0].StopReplicaAsync(Zero, default)).ShouldBe(PeerError.None);

        (await world.GetAsync(0, 0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        (await world.PutAsync(0, 1, 1)).ShouldBe(PeerError.None);
        world.StateOf(0, 0).ShouldBe(ReplicaState.Offline);
        world.StatusOf(0, 0).Reason.ShouldBe("stopped by the operator");
        world[0].Health.IsReady.ShouldBeTrue();

        // Nobody opens it anew behind the operator's back.
        await world.RunAsync(rounds: 5);
        world.StateOf(0, 0).ShouldBe(ReplicaState.Offline);
        (await world[0].StartReplicaAsync(Zero, default)).ShouldBe(PeerError.None);
        (await world.GetAsync(0, 0, 1)).ShouldBe(PeerError.None);
        (await world[0].StopReplicaAsync(new PartitionId(9), default)).ShouldBe(PeerError.PartitionUnknown);
        (await world[0].StartReplicaAsync(new PartitionId(9), default)).ShouldBe(PeerError.PartitionUnknown);
    }

    [Fact]
    public async Task Each_kind_of_request_can_be_forbidden_for_one_partition()
    {
        await using NodesWorld world = await LevelAsync();
        await world.PutAsync(0, 0, 1);
        foreach (PeerOperation operation in Enum.GetValues<PeerOperation>())
        {
            world[0].DisableRequests(Zero, operation).ShouldBe(PeerError.None);
            foreach (PeerOperation asked in Enum.GetValues<PeerOperation>())
            {
                bool isRefused = await AskAsync(world[0], asked) == PeerError.TemporarilyDisabled;
                isRefused.ShouldBe(asked == operation, $"{asked} while {operation} is forbidden");
            }

            world.StatusOf(0, 0).Disabled.ShouldBe([operation]);
            (await world.PutAsync(0, 1, (int)operation)).ShouldBe(PeerError.None);
            world[0].EnableRequests(Zero, operation).ShouldBe(PeerError.None);
            (await AskAsync(world[0], operation)).ShouldNotBe(PeerError.TemporarilyDisabled);
        }

        world[0].DisableRequests(new PartitionId(9), PeerOperation.Put).ShouldBe(PeerError.PartitionUnknown);
    }

    [Fact]
    public async Task A_request_for_many_partitions_is_answered_for_those_that_may_be()
    {
        await using NodesWorld world = await LevelAsync();
        await world.PutAsync(0, 1, 1);
        world[0].DisableRequests(Zero, PeerOperation.ReplicaMetadata);
        ReplicaMetadataResponse answer = await world[0].GetReplicaMetadataAsync(
            new ReplicaMetadataRequest(
                NodesWorld.IdOf(1), [Position(0), Position(9), Position(1)], PeerLimits.MaxEntriesPerResponse),
            default);

        answer.Error.ShouldBe(PeerError.None);
        answer.Partitions.Select(p => (p.Partition.Value, p.Error)).ShouldBe(
        [
            (0u, PeerError.TemporarilyDisabled), (9u, PeerError.PartitionUnknown), (1u, PeerError.None),
        ]);
        answer.Partitions[2].Entries.Count.ShouldBe(1);
        world[0].ReplicationAdmission.Requests.ShouldBe(0);
    }

    [Fact]
    public async Task Peers_that_pull_have_places_of_their_own()
    {
        await using NodesWorld world = await LevelAsync(
            new StorageNodeOptions { ReplicationRequestsInFlightMax = 1, RequestsInFlightMax = 1 });
        await world.PutAsync(0, 0, 1);
        var fetch = new FetchBlobsRequest(NodesWorld.IdOf(1), Zero, [NodesWorld.Blob(0, 1)]);
        FetchBlobsResponse held = await world[0].FetchBlobsAsync(fetch, default);
        held.Blobs.Single().Content.Span.SequenceEqual(NodesWorld.Content(1)).ShouldBeTrue();

        (await AskAsync(world[0], PeerOperation.FetchBlobs)).ShouldBe(PeerError.Busy);
        (await world.GetAsync(0, 0, 1)).ShouldBe(PeerError.None);
        held.Dispose();
        held.Dispose();
        (await AskAsync(world[0], PeerOperation.FetchBlobs)).ShouldBe(PeerError.None);
        world[0].ReplicationAdmission.Requests.ShouldBe(0);
        world[0].ReplicationAdmission.Bytes.ShouldBe(0);
    }

    [Fact]
    public async Task Records_are_listed_page_by_page_and_damage_is_found_on_request()
    {
        await using NodesWorld world = await LevelAsync();
        for (int i = 0; i < 10; i++)
        {
            await world.PutAsync(0, 0, i);
        }

        await world.DeleteAsync(0, 0, 4);
        SimDisk disk = world.DiskOf(0, "/d0");
        Damage(disk, "partitions/0/log", NodesWorld.Content(7));
        var records = new List<BlobRecord>();
        long after = 0;
        BlobPage page;
        do
        {
            page = await world[0].ListBlobsAsync(Zero, after, 3, verifyContent: true, default);
            page.Error.ShouldBe(PeerError.None);
            page.Records.Count.ShouldBeLessThanOrEqualTo(3);
            records.AddRange(page.Records);
            after = page.NextLsn;
        }
        while (page.NextLsn < page.LastLsn);

        records.Count.ShouldBe(11);
        records.Select(r => r.Entry.Lsn).ShouldBeInOrder();
        Dictionary<BlobId, PeerError?> puts = records.Where(r => r.Entry.Kind == StoreRecordKind.Put)
            .ToDictionary(r => r.Entry.Id, r => r.Content);
        puts[NodesWorld.Blob(0, 7)].ShouldBe(PeerError.Corrupt);
        puts[NodesWorld.Blob(0, 4)].ShouldBe(PeerError.Deleted);
        puts.Values.Count(error => error == PeerError.None).ShouldBe(8);
        (await world[0].ListBlobsAsync(Zero, 0, 3, verifyContent: false, default)).Records
            .ShouldAllBe(r => r.Content == null);
    }

    [Fact]
    public async Task A_page_that_cannot_be_had_says_why()
    {
        await using NodesWorld world = await LevelAsync();
        await world[0].StopReplicaAsync(Zero, default);

        (await ErrorOfPageAsync(world[0], 0, 0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        (await ErrorOfPageAsync(world[0], 9, 0, 1)).ShouldBe(PeerError.PartitionUnknown);
        (await ErrorOfPageAsync(world[0], 1, -1, 1)).ShouldBe(PeerError.BadRequest);
        (await ErrorOfPageAsync(world[0], 1, 0, 0)).ShouldBe(PeerError.BadRequest);
        (await ErrorOfPageAsync(world[0], 1, 0, StorageNode.MaxPageRecords + 1)).ShouldBe(PeerError.BadRequest);
    }

    [Fact]
    public async Task One_partition_or_all_are_compacted()
    {
        await using NodesWorld world = await LevelAsync();

        (await world[0].TryCompactAsync(Zero, default))!.Stores.Single().Partition.ShouldBe(Zero);
        (await world[0].TryCompactAsync(new PartitionId(9), default))!.Stores.ShouldBeEmpty();
        (await world[0].TryCompactAsync(null, default))!.Stores.Count.ShouldBe(2);
    }

    private static async Task<PeerError> ErrorOfPageAsync(StorageNode node, uint partition, long after, int max) =>
        (await node.ListBlobsAsync(new PartitionId(partition), after, max, verifyContent: false, default)).Error;

    private static ReplicaPosition Position(uint partition) =>
        new(new PartitionId(partition), FindToken.Start, FindToken.Start);

    private static async Task<PeerError> AskAsync(StorageNode node, PeerOperation operation)
    {
        BlobId blob = NodesWorld.Blob(0, 1);
        DateTimeOffset now = new(2030, 1, 2, 0, 0, 0, TimeSpan.Zero);
        byte[] content = NodesWorld.Content(1);
        switch (operation)
        {
            case PeerOperation.Put:
                return await node.PutAsync(
                    new PutBlobRequest(blob, new BlobProperties(content.Length, now), default, content), default);
            case PeerOperation.Get:
                using (GetBlobResponse read = await node.GetAsync(new GetBlobRequest(blob), default))
                {
                    return read.Error;
                }

            case PeerOperation.Delete:
                return await node.DeleteAsync(new DeleteBlobRequest(NodesWorld.Blob(0, 77), now), default);
            case PeerOperation.UpdateTtl:
                return await node.UpdateTtlAsync(new UpdateTtlRequest(blob, null, now), default);
            case PeerOperation.Undelete:
                return await node.UndeleteAsync(new UndeleteBlobRequest(blob, now), default);
            case PeerOperation.ReplicaMetadata:
                return (await node.GetReplicaMetadataAsync(
                    new ReplicaMetadataRequest(NodesWorld.IdOf(1), [Position(0)], 10), default)).Partitions[0].Error;
            default:
                using (FetchBlobsResponse fetched = await node.FetchBlobsAsync(
                    new FetchBlobsRequest(NodesWorld.IdOf(1), Zero, [blob]), default))
                {
                    return fetched.Error;
                }
        }
    }

    private static async Task<NodesWorld> LevelAsync(StorageNodeOptions? options = null)
    {
        var world = new NodesWorld { Options = options ?? new StorageNodeOptions() };
        await world.StartAllAsync();
        await world.RunAsync();
        world.StatusOf(0, 0).IsLevel.ShouldBeTrue();
        return world;
    }

    private static void Damage(SimDisk disk, string folder, byte[] content)
    {
        string path = disk.ListFiles(folder).Select(name => $"{folder}/{name}")
            .Single(path => disk.Contents(path).AsSpan().IndexOf(content) >= 0);
        disk.FlipBit(path, disk.Contents(path).AsSpan().IndexOf(content) + 100, 3);
    }
}
