using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Testing.Replication;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

public class AnsweringTests
{
    private static readonly DataNodeId Asker = new("node1", 6667);

    [Fact]
    public async Task Who_is_nearly_level_gets_all_and_the_rest_is_shared()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { Partitions = 5 });
        for (int number = 0; number < 1000; number++)
        {
            await PutAsync(world, 0, number, 10, new PartitionId(0));
            await PutAsync(world, 0, number, 10, new PartitionId(2));
        }

        await PutAsync(world, 0, 1, 10, new PartitionId(3));
        ReplicaMetadataResponse answer = await AskAsync(world, 1001, 0, 1, 2, 3, 4);
        answer.Partitions.Select(p => p.Partition.Value).ShouldBe([0u, 1u, 2u, 3u, 4u]);
        answer.Partitions.Select(p => p.Entries.Count).ShouldBe([500, 0, 500, 1, 0]);
        answer.Partitions[0].Next.Lsn.ShouldBe(500);
        answer.Partitions[0].LastLsn.ShouldBe(1000);
        answer.Partitions[0].LagBytes.ShouldBeGreaterThan(500 * 10);
        (answer.Partitions[3].Next.Lsn, answer.Partitions[3].LagBytes).ShouldBe((1, 0));

        ReplicaMetadataResponse fewer = await AskAsync(world, 301, 2, 0, 3);
        fewer.Partitions.Select(p => p.Entries.Count).ShouldBe([256, 44, 1], "whole index files are read for them");
        (await AskAsync(world, 1, 2, 0)).Partitions.Select(p => p.Entries.Count).ShouldBe([1, 0]);
    }

    [Fact]
    public async Task Peers_that_ask_have_the_log_synced_but_not_each_time()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape
        {
            Durability = DurabilityMode.Interval,
            FlushInterval = TimeSpan.FromMinutes(1),
        });
        await PutAsync(world, 0, 1);
        (await AskAsync(world, 10, 0)).Partitions[0].Entries.Count.ShouldBe(1);
        await PutAsync(world, 0, 2);
        ReplicaChanges second = (await AskAsync(world, 10, 0)).Partitions[0];
        (second.Entries.Count, second.LastLsn, second.Next.Lsn).ShouldBe((1, 2, 1));
        await world.RunAsync(TimeSpan.FromSeconds(4));
        await ShouldHoldAsync(world, 1, 2);
    }

    [Fact]
    public async Task More_partitions_than_records_each_have_their_turn()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape
        {
            NodesPerDataCenter = 2,
            Partitions = 6,
            Configure = options => options.MaxEntries = 2,
        });
        for (int number = 0; number < 60; number++)
        {
            await PutAsync(world, 0, number, 10, new PartitionId((uint)(number % 6)));
        }

        await world.RunAsync(TimeSpan.FromSeconds(3));
        for (int number = 0; number < 60; number++)
        {
            await ShouldHoldAsync(world, 1, number, 10, new PartitionId((uint)(number % 6)));
        }
    }

    [Fact]
    public async Task What_is_not_here_is_said_for_each_partition()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        ReplicaMetadataResponse answer = await AskAsync(world, 50, 9, 0);
        answer.Partitions.Select(p => p.Error).ShouldBe([PeerError.PartitionUnknown, PeerError.None]);
        (await AskAsync(world, 0, 0)).Error.ShouldBe(PeerError.BadRequest);
        (await FetchAsync(world, 9, Id(1, new PartitionId(9)))).Error.ShouldBe(PeerError.PartitionUnknown);
        (await FetchAsync(world, 0, Id(1, new PartitionId(9)))).Error.ShouldBe(PeerError.BadRequest);
        (await FetchAsync(world, 0)).Error.ShouldBe(PeerError.BadRequest);
    }

    [Fact]
    public async Task Blobs_are_sent_deleted_or_not_up_to_the_limit_and_at_least_one()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await PutAsync(world, 0, 1, 3_000_000);
        await PutAsync(world, 0, 2, 100);
        await PutAsync(world, 0, 3, 3_000_000);
        await DeleteAsync(world, 0, 2);

        using (FetchBlobsResponse some = await FetchAsync(world, 0, Id(1), Id(2), Id(4), Id(3)))
        {
            some.Blobs.Select(blob => (blob.Id, blob.Error)).ShouldBe(
                [(Id(1), PeerError.None), (Id(2), PeerError.None), (Id(4), PeerError.NotFound)]);
            some.Blobs[1].Content.Span.SequenceEqual(Content(2, 100)).ShouldBeTrue();
            some.Blobs[0].Properties!.SizeBytes.ShouldBe(3_000_000);
        }

        using FetchBlobsResponse rest = await FetchAsync(world, 0, Id(3));
        rest.Blobs.ShouldHaveSingleItem().Content.Length.ShouldBe(3_000_000);
    }

    [Fact]
    public async Task A_listener_hears_of_each_record_in_the_peers_order()
    {
        var heard = new Listener();
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { NodesPerDataCenter = 2 });
        await world[1].StopAsync();
        world[1].Observer = heard;
        await world[1].StartAsync();
        for (int number = 1; number <= 30; number++)
        {
            await PutAsync(world, 0, number, number * 10);
        }

        await DeleteAsync(world, 0, 5);
        await world.RunAsync(TimeSpan.FromSeconds(1));

        heard.Events.Select(one => one.Entry.Lsn).ShouldBe(Enumerable.Range(1, 31).Select(lsn => (long)lsn));
        heard.Events.ShouldAllBe(one => one.From == world[0].Id && one.Partition == P0);
        heard.Events[^1].Entry.Kind.ShouldBe(StoreRecordKind.Delete);
    }

    [Fact]
    public async Task A_repair_leaves_whole_and_deleted_blobs_alone()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await PutAsync(world, 0, 1);
        await PutAsync(world, 0, 2);
        await DeleteAsync(world, 0, 2);
        await world.RunAsync(TimeSpan.FromSeconds(2));
        long before = world[0].Store(P0).LastLsn;
        world[0].Engine.RequestRepair(Id(1)).ShouldBeTrue();
        world[0].Engine.RequestRepair(Id(2)).ShouldBeTrue();
        world[0].Engine.RequestRepair(Id(3)).ShouldBeTrue();
        await world.RunAsync(TimeSpan.FromSeconds(5));

        world[0].Store(P0).LastLsn.ShouldBe(before);
        (await ErrorOfAsync(world, 0, 2)).ShouldBe(StoreError.Deleted);
    }

    private static ValueTask<ReplicaMetadataResponse> AskAsync(
        ReplicationWorld world, int max, params uint[] partitions) => world[0].Engine.AnswerAsync(
        new ReplicaMetadataRequest(
            Asker, [.. partitions.Select(p => new ReplicaPosition(new PartitionId(p), default, default))], max),
        NoToken);

    private static ValueTask<FetchBlobsResponse> FetchAsync(
        ReplicationWorld world, uint partition, params BlobId[] ids) =>
        world[0].Engine.AnswerAsync(new FetchBlobsRequest(Asker, new PartitionId(partition), ids), NoToken);

    private sealed class Listener : IReplicationObserver
    {
        public List<ReplicationEvent> Events { get; } = [];

        public void OnReplicated(in ReplicationEvent replicated) => Events.Add(replicated);
    }
}
