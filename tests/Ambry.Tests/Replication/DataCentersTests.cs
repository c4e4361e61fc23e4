using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Testing.Replication;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

public class DataCentersTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task What_one_data_centre_has_the_other_gets_unless_it_is_paused()
    {
        ReplicationWorld world = await StartAsync(InterMode.AllToAll);
        world[2].Engine.Pause(new DataCenterId(1));
        world[3].Engine.Pause(null);
        await PutAsync(world, 0, 1);
        await world.RunAsync(5 * Second);
        await ShouldHoldAsync(world, 1, 1);
        (await ErrorOfAsync(world, 2, 1)).ShouldBe(StoreError.NotFound);
        (await ErrorOfAsync(world, 3, 1)).ShouldBe(StoreError.NotFound);
        world[2].Engine.Lags.Count(lag => lag.IsPaused).ShouldBe(2);

        world[2].Engine.Resume(new DataCenterId(1));
        world[3].Engine.Resume(null);
        await world.RunAsync(5 * Second);
        await ShouldHoldAsync(world, 2, 1);
        await ShouldHoldAsync(world, 3, 1);
    }

    [Fact]
    public async Task With_leaders_content_crosses_once_and_deletes_too()
    {
        ReplicationWorld world = await StartAsync(InterMode.LeaderBased);
        long crossed = 0;
        world.Network.ChangeFetch = (call, response) =>
        {
            bool crosses = (NumberOf(call.From) < 2) != (NumberOf(call.To) < 2);
            crossed += crosses ? response.Blobs.Count : 0;
            return response;
        };
        await world.RunAsync(2 * Second);
        for (int number = 1; number <= 20; number++)
        {
            await PutAsync(world, 0, number);
        }

        await world.RunAsync(10 * Second);
        for (int number = 1; number <= 20; number++)
        {
            await ShouldHoldAsync(world, 2, number);
            await ShouldHoldAsync(world, 3, number);
        }

        crossed.ShouldBe(20);
        await DeleteAsync(world, 0, 7);
        await world.RunAsync(5 * Second);
        (await ErrorOfAsync(world, 3, 7)).ShouldBe(StoreError.Deleted);
    }

    [Fact]
    public async Task Without_its_leader_a_standby_leads_and_with_a_useless_one_it_helps_itself()
    {
        ReplicationWorld world = await StartAsync(InterMode.LeaderBased);
        await world.RunAsync(2 * Second);
        await PutAsync(world, 0, 1);
        world.Network.FaultBefore = call => call.From == world[2].Id && NumberOf(call.To) < 2
            ? PeerError.Unreachable
            : PeerError.None;
        await world.RunAsync(60 * Second);
        (await ErrorOfAsync(world, 3, 1)).ShouldBe(StoreError.NotFound, "the leader is there, it only gets nothing");
        await world.RunAsync(70 * Second);
        await ShouldHoldAsync(world, 3, 1);

        world.Network.FaultBefore = null;
        await world[2].StopAsync();
        await world.RunAsync(2 * Second);
        await PutAsync(world, 0, 2);
        await world.RunAsync(5 * Second);
        await ShouldHoldAsync(world, 3, 2);
    }

    [Fact]
    public async Task A_throttle_between_data_centres_holds_its_rate_and_leaves_the_inside_alone()
    {
        ReplicationWorld world = await StartAsync(InterMode.AllToAll, bytesPerSecond: 100_000);
        await world.RunAsync(2 * Second);
        for (int number = 1; number <= 20; number++)
        {
            await PutAsync(world, 0, number, 100_000);
        }

        long before = world.Network.FetchedBytes;
        await world.RunAsync(2 * Second);
        await ShouldHoldAsync(world, 1, 20, 100_000);
        await world.RunAsync(200 * Second);
        await ShouldHoldAsync(world, 2, 20, 100_000);
        await ShouldHoldAsync(world, 3, 20, 100_000);
        (world.Network.FetchedBytes - before).ShouldBeLessThan(7 * 20 * 100_000);
    }

    private static int NumberOf(DataNodeId node) => node.Host[^1] - '0';

    private static Task<ReplicationWorld> StartAsync(InterMode mode, long bytesPerSecond = 0) =>
        ReplicationWorld.StartAsync(new ReplicationShape
        {
            DataCenters = 2,
            NodesPerDataCenter = 2,
            Configure = options =>
            {
                options.InterMode = mode;
                options.BytesPerSecondBetween = bytesPerSecond;
            },
        });
}
