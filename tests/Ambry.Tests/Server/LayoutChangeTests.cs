using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

/// <summary>Replicas and disks that come and go while a node serves.</summary>
public class LayoutChangeTests
{
    [Fact]
    public async Task A_new_replica_and_a_new_disk_are_opened_while_requests_go_on()
    {
        await using NodesWorld world = await LevelAsync(partitions: 1);
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
        IReadOnlyList<NodeWorker> before = world[0].Workers;
        for (int node = 0; node < 3; node++)
        {
            world.Put(5, node, mount: "/d1");
        }

        (await world.PutAsync(0, 5, 1)).ShouldBe(PeerError.PartitionUnknown);
        Task<int> traffic = TrafficAsync(world, partition: 0);
        await world.ApplyAsync();
        (await traffic).ShouldBe(0);
        world.StateOf(0, 5).ShouldBe(ReplicaState.Bootstrap);
        await world.RunAsync();

        (await world.PutAsync(0, 5, 1)).ShouldBe(PeerError.None);
        world[0].Disks.Count.ShouldBe(2);
        world[0].Workers.Count.ShouldBeGreaterThan(before.Count);
        before.ShouldBeSubsetOf(world[0].Workers);
    }

    [Fact]
    public async Task A_layout_that_was_followed_half_way_is_never_called_followed()
    {
        await using NodesWorld world = await LevelAsync(partitions: 1);
        world.Put(5, 0, mount: "/d1");
        world.DefectiveMount = "/d1";

        await Should.ThrowAsync<InvalidOperationException>(world.ApplyAsync);
        ClusterView view = world.ToView();
        await Should.ThrowAsync<InvalidOperationException>(() => world[0].ApplyAsync(view, default).AsTask());
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_replica_that_leaves_reads_on_drains_and_is_deleted_with_its_place_in_the_layout()
    {
        await using NodesWorld world = await LevelAsync();
        (await world.PutAsync(2, 0, 1)).ShouldBe(PeerError.None);
        world.Put(0, 2, ReplicaState.Inactive);
        await world.ApplyAsync();

        world.StateOf(2, 0).ShouldBe(ReplicaState.Inactive);
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.None);
        (await world.GetAsync(2, 0, 2)).ShouldBe(PeerError.NotLevel);
        (await world.PutAsync(2, 0, 2)).ShouldBe(PeerError.TemporarilyDisabled);
        (await world.DeleteAsync(2, 0, 1)).ShouldBe(PeerError.TemporarilyDisabled);
        world.StatusOf(2, 0).IsDrained.ShouldBeFalse();
        await world.RunAsync(rounds: 90);

        world.StatusOf(2, 0).IsDrained.ShouldBeTrue();
        (await world.GetAsync(0, 0, 1)).ShouldBe(PeerError.None);
        world.Remove(0, 2);
        await world.ApplyAsync();
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.PartitionUnknown);
        world.HasFolder(2, 0).ShouldBeFalse();
        world.HasFolder(2, 1).ShouldBeTrue();
    }

    [Fact]
    public async Task A_replica_that_leaves_is_not_drained_while_a_peer_does_not_ask()
    {
        await using NodesWorld world = await LevelAsync();
        await world.StopAsync(1);
        (await world.PutAsync(2, 0, 1)).ShouldBe(PeerError.None);
        world.Put(0, 2, ReplicaState.Inactive);
        await world.ApplyAsync();
        await world.RunAsync(rounds: 90);
        world.StatusOf(2, 0).IsDrained.ShouldBeFalse();

        world.Remove(0, 2);
        await world.ApplyAsync();
        world.HasFolder(2, 0).ShouldBeTrue();
    }

    [Fact]
    public async Task A_replica_that_is_gone_by_surprise_is_closed_and_its_data_stay_and_come_back()
    {
        var logger = new DiskLogLines();
        await using NodesWorld world = await LevelAsync(logger: logger);
        (await world.PutAsync(2, 0, 1)).ShouldBe(PeerError.None);
        world.Remove(0, 2);
        await world.ApplyAsync();

        world.HasFolder(2, 0).ShouldBeTrue();
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.PartitionUnknown);
        logger.Lines.ShouldContain(line => line.Contains("its folder stays"));

        // A slip of the operator's hand costs nothing; what came meanwhile has to be fetched.
        (await world.PutAsync(0, 0, 2)).ShouldBe(PeerError.None);
        world.Put(0, 2);
        await world.ApplyAsync();
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.None);
        (await world.GetAsync(2, 0, 2)).ShouldBe(PeerError.NotLevel);
        await world.RunAsync();
        (await world.GetAsync(2, 0, 2)).ShouldBe(PeerError.None);
        world.StatusOf(2, 0).IsLevel.ShouldBeTrue();
    }

    /// <summary>
    /// As after a move that was taken back and is begun again when its tombstones are gone elsewhere.
    /// </summary>
    [Fact]
    public async Task A_replica_that_is_made_for_a_move_brings_nothing_back_that_an_earlier_one_left_there()
    {
        var logger = new DiskLogLines();
        await using NodesWorld world = await LevelAsync(logger: logger);
        (await world.PutAsync(2, 0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 0, 2)).ShouldBe(PeerError.None);
        world.Remove(0, 2);
        await world.ApplyAsync();
        world.HasFolder(2, 0).ShouldBeTrue();

        world.Put(0, 2, replaces: 1);
        await world.ApplyAsync();
        world.StateOf(2, 0).ShouldBe(ReplicaState.Bootstrap);
        await world.RunAsync();

        logger.Lines.ShouldContain(line => line.Contains("an earlier one left"));
        world.StateOf(2, 0).ShouldBe(ReplicaState.Standby);
        for (int node = 0; node < 3; node++)
        {
            (await world.GetAsync(node, 0, 1)).ShouldBe(PeerError.NotFound);
            (await world.GetAsync(node, 0, 2)).ShouldBe(PeerError.None);
        }
    }

    [Fact]
    public async Task One_that_comes_back_from_leaving_catches_up_first()
    {
        await using NodesWorld world = await LevelAsync();
        world.Put(0, 2, ReplicaState.Inactive);
        await world.ApplyAsync();
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
        world.Put(0, 2);
        await world.ApplyAsync();

        world.StateOf(2, 0).ShouldBe(ReplicaState.Bootstrap);
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.NotLevel);
        await world.RunAsync();
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.None);
        world.StateOf(2, 0).ShouldBe(ReplicaState.Standby);
    }

    [Fact]
    public async Task One_that_was_down_when_it_was_told_to_stay_after_all_catches_up_too()
    {
        await using NodesWorld world = await LevelAsync();
        world.Put(0, 2, ReplicaState.Inactive);
        await world.ApplyAsync();
        world.Crash(2);
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
        world.Put(0, 2);
        await world.ApplyAsync();
        await world.StartAsync(2);

        world.StateOf(2, 0).ShouldBe(ReplicaState.Bootstrap);
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.NotLevel);
        world.StatusOf(2, 1).IsLevel.ShouldBeTrue();
        await world.RunAsync();
        (await world.GetAsync(2, 0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_disk_without_replicas_is_closed_and_its_workers_go()
    {
        var world = new NodesWorld(nodes: 3, partitions: 1);
        await using (world)
        {
            for (int node = 0; node < 3; node++)
            {
                world.Put(5, node, mount: "/d1");
            }

            await world.StartAllAsync();
            await world.RunAsync();
            NodeWorker gone = world[0].Workers.Single(
                w => w.Kind == NodeWorkerKind.Disk && w.Name.Contains("/d1", StringComparison.Ordinal));
            for (int node = 0; node < 3; node++)
            {
                world.Remove(5, node);
            }

            await world.ApplyAsync();

            world[0].Disks.Count.ShouldBe(1);
            world[0].Workers.ShouldNotContain(gone);
            (await gone.RunOnceAsync(default)).ShouldBe(0);
            (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
            world.HasFolder(0, 5, "/d1").ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_replica_that_moves_to_another_disk_begins_there_anew_and_leaves_the_old_data()
    {
        await using NodesWorld world = await LevelAsync(partitions: 1);
        (await world.PutAsync(1, 0, 1)).ShouldBe(PeerError.None);
        await world.RunAsync(rounds: 3);
        world.Put(0, 1, mount: "/d1");
        await world.ApplyAsync();
        world.StateOf(1, 0).ShouldBe(ReplicaState.Bootstrap);
        await world.RunAsync();

        (await world.GetAsync(1, 0, 1)).ShouldBe(PeerError.None);
        world.StatusOf(1, 0).MountPath.ShouldBe("/d1");
        world.HasFolder(1, 0, "/d0").ShouldBeTrue();
    }

    [Fact]
    public async Task A_replica_that_was_being_deleted_at_the_end_is_deleted_at_the_next_start()
    {
        await using NodesWorld world = await LevelAsync();
        world.Put(0, 2, ReplicaState.Inactive);
        await world.ApplyAsync();
        await world.RunAsync(rounds: 90);
        world.StatusOf(2, 0).IsDrained.ShouldBeTrue();
        SimDisk disk = world.DiskOf(2, "/d0");
        world.Remove(0, 2);

        // The machine stops in the middle of it.
        disk.CallBegun = call => disk.StopAtCall ??=
            disk.FileExists($"partitions/0/{ReplicaMarks.Dropped}") ? call + 6 : null;
        await world.ApplyAsync();
        disk.StopAtCall.ShouldNotBeNull();
        world.Crash(2);
        world.HasFolder(2, 0).ShouldBeTrue();
        await world.StartAsync(2);

        world.HasFolder(2, 0).ShouldBeFalse();
        (await world.GetAsync(2, 1, 1)).ShouldBe(PeerError.NotFound);
    }

    [Fact]
    public async Task A_layout_that_is_not_newer_changes_nothing_and_a_newer_one_is_told_to_who_asks()
    {
        await using NodesWorld world = await LevelAsync(partitions: 1);
        ClusterView old = world.ToView();
        await world.ApplyAsync();
        long version = world[0].View.Layout.Version;
        await world[0].ApplyAsync(old, default);

        world[0].View.Layout.Version.ShouldBe(version);
        (await world[0].GetClusterMapAsync(version, default)).Json.Length.ShouldBe(0);
        ClusterMapResponse newer = await world[0].GetClusterMapAsync(version - 1, default);
        newer.Version.ShouldBe(version);
        ClusterLayout.Parse(newer.Json).Layout!.Version.ShouldBe(version);
    }

    [Fact]
    public async Task Traffic_of_other_partitions_never_notices_changes()
    {
        await using NodesWorld world = await LevelAsync(partitions: 1);
        var random = new Random(17);
        Task<int> traffic = TrafficAsync(world, partition: 0, rounds: 300);
        for (int change = 0; change < 20; change++)
        {
            uint partition = (uint)random.Next(1, 4);
            int node = random.Next(3);
            if (random.Next(2) == 0)
            {
                world.Put(partition, node, mount: $"/d{random.Next(3)}");
            }
            else
            {
                world.Remove(partition, node);
            }

            await world.ApplyAsync();
            await world.RunAsync(rounds: 1);
        }

        (await traffic).ShouldBe(0);
        await world.RunAsync();
        world[0].Replicas.ShouldAllBe(r => r.IsServing);
    }

    private static async Task<NodesWorld> LevelAsync(int partitions = 2, DiskLogLines? logger = null)
    {
        var world = new NodesWorld(nodes: 3, partitions);
        if (logger is not null)
        {
            world.Logger = logger;
        }

        await world.StartAllAsync();
        await world.RunAsync();
        world.StatusOf(1, 0).IsLevel.ShouldBeTrue();
        return world;
    }

    /// <summary>How many puts and gets of a node failed.</summary>
    private static async Task<int> TrafficAsync(NodesWorld world, uint partition, int rounds = 100)
    {
        int failed = 0;
        for (int i = 1000; i < 1000 + rounds; i++)
        {
            failed += await world.PutAsync(0, partition, i) == PeerError.None ? 0 : 1;
            await Task.Yield();
            failed += await world.GetAsync(0, partition, i) == PeerError.None ? 0 : 1;
        }

        return failed;
    }
}
