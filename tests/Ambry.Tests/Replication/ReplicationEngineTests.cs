using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing.Replication;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

public class ReplicationEngineTests
{
    [Fact]
    public async Task A_write_that_missed_two_nodes_is_there_within_a_second()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await world.RunAsync(TimeSpan.FromSeconds(3));
        (await PutAsync(world, 0, 1)).ShouldBe(StoreError.None);
        (await PutAsync(world, 0, 2, length: 300_000)).ShouldBe(StoreError.None);
        (await PutAsync(world, 0, 3)).ShouldBe(StoreError.None);
        (await DeleteAsync(world, 0, 3)).ShouldBe(StoreError.None);

        await world.RunAsync(TimeSpan.FromSeconds(1));

        for (int node = 1; node < 3; node++)
        {
            await ShouldHoldAsync(world, node, 1);
            await ShouldHoldAsync(world, node, 2, 300_000);
            (await ErrorOfAsync(world, node, 3)).ShouldBe(StoreError.Deleted);
        }
    }

    [Fact]
    public async Task A_wiped_node_gets_everything_back_once_and_is_level_then()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { Partitions = 3 });
        for (int number = 0; number < 300; number++)
        {
            var partition = new PartitionId((uint)(number % 3));
            await PutAsync(world, 0, number, number * 20, partition);
            await PutAsync(world, 1, number, number * 20, partition);
        }

        await world.RunAsync(TimeSpan.FromSeconds(3));
        world[2].Engine.IsLevel(P0).ShouldBeTrue();
        await world[2].WipeAsync();
        long before = world.Network.FetchedBlobs;
        await world[2].StartAsync();
        world[2].Engine.IsLevel(P0).ShouldBeFalse();
        world[2].Engine.AwaitedBy(P0).Count.ShouldBe(2);

        (await world.RunUntilAsync(
            () => Enumerable.Range(0, 3).All(p => world[2].Engine.IsLevel(new PartitionId((uint)p))),
            TimeSpan.FromSeconds(5))).ShouldBeTrue();

        for (int number = 0; number < 300; number++)
        {
            await ShouldHoldAsync(world, 2, number, number * 20, new PartitionId((uint)(number % 3)));
        }

        (world.Network.FetchedBlobs - before).ShouldBe(300);
    }
}
