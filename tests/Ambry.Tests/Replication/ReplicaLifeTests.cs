using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Testing.Replication;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

/// <summary>Joining, leaving, and what a replica remembers from one start to the next.</summary>
public class ReplicaLifeTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(DurabilityMode.Group)]
    [InlineData(DurabilityMode.Interval)]
    public async Task A_replica_that_joins_under_writes_becomes_level(DurabilityMode mode)
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape
        {
            Durability = mode,
            Configure = options => options.MaxEntries = 16,
        });
        int number = 0;
        await WriteAsync(200);
        await world.RunAsync(6 * Second);
        await world[2].WipeAsync();
        await world[2].StartAsync();
        int before = number;
        bool isLevel = false;
        for (int round = 0; round < 600 && !isLevel; round++)
        {
            await WriteAsync(2);
            await world.RunAsync(ReplicationWorld.Tick);
            isLevel = world[2].Engine.IsLevel(P0);
        }

        isLevel.ShouldBeTrue();
        world[2].Engine.AwaitedBy(P0).ShouldBeEmpty();
        for (int one = 0; one < before; one++)
        {
            await ShouldHoldAsync(world, 2, one);
        }

        async Task WriteAsync(int count)
        {
            for (int i = 0; i < count; i++, number++)
            {
                await PutAsync(world, 0, number);
                await PutAsync(world, 1, number);
            }
        }
    }

    [Fact]
    public async Task A_replica_joins_only_with_all_its_peers_but_not_with_those_taken_out()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await world.RunAsync(2 * Second);
        await world[1].StopAsync();
        await world[2].WipeAsync();
        await world[2].StartAsync();
        await world.RunAsync(10 * Second);
        world[2].Engine.IsLevel(P0).ShouldBeFalse();
        world[2].Engine.AwaitedBy(P0).ShouldBe([world[1].Id]);

        await world.SetStateAsync(1, ReplicaState.Offline);
        world[2].Engine.IsLevel(P0).ShouldBeTrue();
        await world.SetStateAsync(0, ReplicaState.Offline);
        world[2].Engine.AwaitedBy(P0).ShouldBeEmpty("it is alone");
    }

    [Fact]
    public async Task A_leaving_replica_is_drained_when_all_others_have_what_it_had()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await world.RunAsync(2 * Second);
        await PutAsync(world, 0, 1);
        world.Network.FaultBefore = call => call.From == world[2].Id ? PeerError.Unreachable : PeerError.None;
        world[0].Engine.IsDrained(P0).ShouldBeFalse();
        world[0].Replica(P0).State = ReplicaState.Inactive;
        world[0].Engine.IsDrained(P0).ShouldBeFalse();
        await world.RunAsync(20 * Second);
        world[0].Engine.IsDrained(P0).ShouldBeFalse("node 2 has not got it");

        world.Network.FaultBefore = null;
        int number = 10;
        for (int round = 0; round < 100 && !world[0].Engine.IsDrained(P0); round++)
        {
            // Writes go on elsewhere, and it pulls them: they do not count.
            await PutAsync(world, 1, number);
            await PutAsync(world, 2, number++);
            await world.RunAsync(ReplicationWorld.Tick * 10);
        }

        world[0].Engine.IsDrained(P0).ShouldBeTrue();
        await ShouldHoldAsync(world, 2, 1);
    }

    [Fact]
    public async Task A_restart_pulls_nothing_twice_and_a_power_cut_only_what_was_not_kept()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await PutManyAsync(world, 0, 100);
        await world.RunAsync(2 * Second);
        await world[2].StopAsync();
        await world[2].StartAsync();
        await world[2].Engine.Workers[0].RunOnceAsync(NoToken);
        world[2].Engine.Lags.ShouldContain(lag => lag.Peer == world[0].Id && lag.Durable.Lsn == 100);

        await world.RunAsync(Second);
        long fetched = world.Network.FetchedBlobs;
        await PutManyAsync(world, 100, 150);
        await world.RunAsync(Second);
        await world[2].CutPowerAsync(seed: 3);
        await world[2].StartAsync();
        await world.RunAsync(2 * Second);
        world[2].Engine.Lags.ShouldAllBe(lag => lag.LagSeconds == 0);
        for (int number = 0; number < 150; number++)
        {
            await ShouldHoldAsync(world, 2, number);
        }

        (world.Network.FetchedBlobs - fetched).ShouldBe(100, "50 each for two nodes, none for the restart");
    }

    /// <summary>In interval mode the cut takes records; the token that is kept never covers them.</summary>
    [Fact]
    public async Task A_token_is_never_ahead_of_what_a_power_cut_leaves()
    {
        for (int seed = 0; seed < 15; seed++)
        {
            ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape
            {
                NodesPerDataCenter = 2,
                Durability = DurabilityMode.Interval,
                FlushInterval = TimeSpan.FromSeconds(1 + (seed % 5)),
                Configure = options => options.CheckpointInterval = 3 * Second,
            });
            for (int second = 0; second < 12; second++)
            {
                await PutManyAsync(world, second * 5, (second * 5) + 5);
                await world.RunAsync(Second);
            }

            ReplicaLag before = world[1].Engine.Lags.Single();
            await world[1].CutPowerAsync(seed);
            await world[1].StartAsync();
            await world[1].Engine.Workers[0].RunOnceAsync(NoToken);
            ReplicaLag after = world[1].Engine.Lags.Single();
            after.Durable.Lsn.ShouldBeLessThanOrEqualTo(before.Pulled.Lsn, $"seed {seed}");
            await world.RunAsync(10 * Second);
            for (int number = 0; number < 60; number++)
            {
                await ShouldHoldAsync(world, 1, number);
            }
        }
    }

    [Fact]
    public async Task The_floor_waits_for_the_peer_that_lacks_a_delete()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape
        {
            DeletedRetention = TimeSpan.Zero,
            SegmentBytes = 64 << 10,
        });
        await PutManyAsync(world, 0, 10);
        await world.RunAsync(2 * Second);
        await world[2].StopAsync();
        (await DeleteAsync(world, 0, 3)).ShouldBe(StoreError.None);
        long tombstone = world[0].Store(P0).LastLsn;
        await world.RunAsync(5 * Second);
        await FillAsync();
        world[0].Engine.FloorOf(P0).ShouldBeLessThan(tombstone);
        (await ErrorOfAsync(world, 0, 3)).ShouldBe(StoreError.Deleted);

        // A node that comes back after a restart of all still gets the delete.
        await world[0].StopAsync();
        await world[0].StartAsync();
        await world[0].Engine.Workers[0].RunOnceAsync(NoToken);
        world[0].Engine.FloorOf(P0).ShouldBeLessThan(tombstone);
        await world[2].StartAsync();
        await world.RunAsync(40 * Second);
        (await ErrorOfAsync(world, 2, 3)).ShouldBe(StoreError.Deleted);
        world[0].Engine.FloorOf(P0).ShouldBeGreaterThanOrEqualTo(tombstone);
        await FillAsync();
        (await ErrorOfAsync(world, 0, 3)).ShouldBe(StoreError.NotFound, "the tombstone is gone where all have passed");
        world[0].Engine.FloorOf(new PartitionId(77)).ShouldBe(0);

        async Task FillAsync()
        {
            world.Time.Advance(Second);
            int filler = (int)(1000 + world[0].Store(P0).LastLsn);
            await PutAsync(world, 0, filler, 50_000);
            await PutAsync(world, 0, filler + 1, 50_000);
            await CompactAsync(world[0].Store(P0));
        }
    }

    [Fact]
    public async Task A_peer_new_in_the_map_is_pulled_from_and_one_that_left_is_not()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await world.SetStateAsync(1, ReplicaState.Offline);
        await PutAsync(world, 1, 1);
        await world.RunAsync(5 * Second);
        (await ErrorOfAsync(world, 0, 1)).ShouldBe(StoreError.NotFound);
        await world.SetStateAsync(1, ReplicaState.Standby);
        await world.RunAsync(2 * Second);
        await ShouldHoldAsync(world, 0, 1);
    }

    private static async Task PutManyAsync(ReplicationWorld world, int from, int to)
    {
        for (int number = from; number < to; number++)
        {
            (await PutAsync(world, 0, number)).ShouldBe(StoreError.None);
        }
    }
}
