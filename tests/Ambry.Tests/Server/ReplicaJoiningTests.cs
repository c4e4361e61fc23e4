using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

/// <summary>Replicas that are new, wiped, or may have lost something.</summary>
public class ReplicaJoiningTests
{
    [Fact]
    public async Task New_nodes_take_no_blobs_before_they_have_met()
    {
        await using var world = new NodesWorld();
        await world.StartAllAsync();
        world.StateOf(0, 0).ShouldBe(ReplicaState.Bootstrap);
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.TemporarilyDisabled);
        (await world.GetAsync(0, 0, 1)).ShouldBe(PeerError.NotLevel);
        (await world.DeleteAsync(0, 0, 1)).ShouldBe(PeerError.NotLevel);

        await world.RunAsync();

        world.StateOf(0, 0).ShouldBe(ReplicaState.Leader);
        world.StateOf(1, 0).ShouldBe(ReplicaState.Standby);
        world.StateOf(2, 1).ShouldBe(ReplicaState.Standby);
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
        (await world.GetAsync(1, 0, 2)).ShouldBe(PeerError.NotFound);
    }

    [Fact]
    public async Task A_wiped_replica_catches_up_and_does_not_testify_before()
    {
        await using NodesWorld world = await LevelAsync();
        for (int i = 0; i < 20; i++)
        {
            (await world.PutAsync(0, 0, i)).ShouldBe(PeerError.None);
        }

        (await world.DeleteAsync(0, 0, 3)).ShouldBe(PeerError.None);
        await world.RunAsync();
        await world.StopAsync(1);
        world.Wipe(1);
        await world.StartAsync(1);

        world.StateOf(1, 0).ShouldBe(ReplicaState.Bootstrap);
        (await world.GetAsync(1, 0, 5)).ShouldBe(PeerError.NotLevel);
        (await world.DeleteAsync(1, 0, 5)).ShouldBe(PeerError.NotLevel);
        (await world.PutAsync(1, 0, 100)).ShouldBe(PeerError.TemporarilyDisabled);
        await world.RunAsync();

        world.StateOf(1, 0).ShouldBe(ReplicaState.Standby);
        world.StatusOf(1, 0).IsLevel.ShouldBeTrue();
        (await world.GetAsync(1, 0, 5)).ShouldBe(PeerError.None);
        (await world.GetAsync(1, 0, 3)).ShouldBe(PeerError.Deleted);
        (await world.GetAsync(1, 0, 100)).ShouldBe(PeerError.NotFound);
        Marks(world, 1, 0).HasBootstrap.ShouldBeFalse();
    }

    [Fact]
    public async Task While_a_peer_is_out_of_reach_a_wiped_replica_waits_and_says_for_whom()
    {
        var logger = new DiskLogLines();
        await using NodesWorld world = await LevelAsync(logger);
        await world.StopAsync(1);
        world.Wipe(1);
        world.Cut.Add(NodesWorld.IdOf(2));
        await world.StartAsync(1);
        await world.RunAsync(rounds: 70);

        world.StateOf(1, 0).ShouldBe(ReplicaState.Bootstrap);
        logger.Lines.ShouldContain(line => line.Contains("catch up before localhost:7002"));

        // The operator says that it is gone.
        world.Put(0, 2, ReplicaState.Offline);
        world.Put(1, 2, ReplicaState.Offline);
        await world.ApplyAsync();
        await world.RunAsync();
        world.StateOf(1, 0).ShouldBe(ReplicaState.Standby);
    }

    [Fact]
    public async Task A_replica_that_stops_while_it_catches_up_goes_on_with_that()
    {
        await using NodesWorld world = await LevelAsync();
        await world.StopAsync(1);
        world.Wipe(1);
        await world.StartAsync(1);
        await world.StopAsync(1);
        await world.StartAsync(1);
        world.StateOf(1, 0).ShouldBe(ReplicaState.Bootstrap);

        world.Crash(1);
        await world.StartAsync(1);
        world.StateOf(1, 0).ShouldBe(ReplicaState.Bootstrap);
    }

    [Fact]
    public async Task A_replica_of_group_durability_is_back_at_once_after_a_crash()
    {
        await using NodesWorld world = await LevelAsync();
        (await world.PutAsync(1, 0, 1)).ShouldBe(PeerError.None);
        world.Crash(1);
        await world.StartAsync(1);

        world.StatusOf(1, 0).IsLevel.ShouldBeTrue();
        (await world.GetAsync(1, 0, 1)).ShouldBe(PeerError.None);
        (await world.GetAsync(1, 0, 2)).ShouldBe(PeerError.NotFound);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_replica_of_interval_durability_is_back_at_once_only_if_it_was_closed(bool isClosed)
    {
        await using NodesWorld world = await LevelAsync(options: new StorageNodeOptions
        {
            DurabilityMode = DurabilityMode.Interval,
        });
        (await world.PutAsync(1, 0, 1)).ShouldBe(PeerError.None);
        if (isClosed)
        {
            await world.StopAsync(1);
        }
        else
        {
            world.Crash(1);
        }

        await world.StartAsync(1);
        world.StateOf(1, 0).ShouldBe(isClosed ? ReplicaState.Leader : ReplicaState.Bootstrap);

        // A crash after a clean stop is no clean stop.
        world.Crash(1);
        await world.StartAsync(1);
        world.StateOf(1, 0).ShouldBe(ReplicaState.Bootstrap);
        await world.RunAsync();
        world.StateOf(1, 0).ShouldBe(ReplicaState.Standby);
    }

    [Fact]
    public async Task A_lone_replica_leads_at_once_and_leaves_no_marks()
    {
        await using var world = new NodesWorld(nodes: 1);
        await world.StartAsync(0);

        world.StateOf(0, 0).ShouldBe(ReplicaState.Leader);
        Marks(world, 0, 0).HasBootstrap.ShouldBeFalse();
        (await world.PutAsync(0, 0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task Wherever_making_a_replica_is_cut_off_it_never_passes_for_level()
    {
        for (int call = 1; ; call++)
        {
            var disk = new SimDisk { StopAtCall = call };
            bool isDone = await TryMakeAsync(disk);
            for (int seed = 0; seed < 4; seed++)
            {
                SimDisk after = disk.CrashedCopy(seed);
                after.StopAtCall = null;
                bool isBehind = await ReplicaBeginning.PrepareAsync(
                    after, "partitions/7", ReplicaPeers.Some, DurabilityMode.Group, isLeaving: false, default);
                isBehind.ShouldBeTrue($"stopped at call {call}, seed {seed}");
            }

            if (isDone)
            {
                call.ShouldBeGreaterThan(10);
                return;
            }
        }
    }

    [Fact]
    public async Task Wherever_deleting_a_replica_is_cut_off_what_is_left_never_passes_for_a_store()
    {
        for (int call = 1; ; call++)
        {
            var disk = new SimDisk();
            (await TryMakeAsync(disk)).ShouldBeTrue();
            await new ReplicaMarks(disk, "partitions/7").ClearAsync(ReplicaMarks.Bootstrap, default);
            int before = disk.MutatingCalls;
            disk.StopAtCall = before + call;
            bool isDone = await TryAsync(() => new ReplicaMarks(disk, "partitions/7").DeleteFolderAsync(default));
            for (int seed = 0; seed < 4; seed++)
            {
                SimDisk after = disk.CrashedCopy(seed);
                var marks = new ReplicaMarks(after, "partitions/7");
                bool isWhole = !marks.HasDropped && marks.HasStore;
                bool isBehind = await ReplicaBeginning.PrepareAsync(
                    after, "partitions/7", ReplicaPeers.Some, DurabilityMode.Group, isLeaving: false, default);

                // Whole and untouched, or empty: nothing between.
                isBehind.ShouldBe(!isWhole, $"stopped at call {call}, seed {seed}");
                after.ListDirectories("partitions/7").Count.ShouldBe(isWhole ? 2 : 0, $"call {call}, seed {seed}");
            }

            if (isDone)
            {
                call.ShouldBeGreaterThan(10);
                return;
            }
        }
    }

    private static ReplicaMarks Marks(NodesWorld world, int node, uint partition) =>
        new(world.DiskOf(node, "/d0"), StoreOpener.FolderOf(new PartitionId(partition)));

    private static async Task<NodesWorld> LevelAsync(DiskLogLines? logger = null, StorageNodeOptions? options = null)
    {
        var world = new NodesWorld { Options = options ?? new StorageNodeOptions() };
        if (logger is not null)
        {
            world.Logger = logger;
        }

        await world.StartAllAsync();
        await world.RunAsync();
        world.StatusOf(1, 0).IsLevel.ShouldBeTrue();
        return world;
    }

    private static Task<bool> TryMakeAsync(SimDisk disk) => TryAsync(async () =>
    {
        await ReplicaBeginning.PrepareAsync(
            disk, "partitions/7", ReplicaPeers.Some, DurabilityMode.Group, isLeaving: false, default);
        await using var store = await Ambry.Store.BlobStore.OpenAsync(
            new Ambry.Store.BlobStoreOptions
            {
                PartitionId = new PartitionId(7),
                CapacityBytes = 32L << 20,
                SegmentBytes = 8L << 20,
            },
            disk,
            "partitions/7",
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            default);
    });

    private static async Task<bool> TryAsync(Func<ValueTask> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
