using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

public class ReplicationPartsTests
{
    private static readonly DataNodeId A = new("a", 1);
    private static readonly DataNodeId B = new("b", 1);

    [Fact]
    public void A_throttle_lets_its_rate_through_and_waits_off_its_debt()
    {
        var throttle = new ByteThrottle(1000);
        throttle.NotBefore(Seconds(0)).ShouldBeNull();
        throttle.Spend(Seconds(0), 5000);
        throttle.NotBefore(Seconds(0)).ShouldNotBeNull().TotalSeconds.ShouldBe(4, 0.01);
        throttle.NotBefore(Seconds(3.9)).ShouldNotBeNull();
        throttle.NotBefore(Seconds(4.1)).ShouldBeNull();
        throttle.Spend(Seconds(100), 900);
        throttle.NotBefore(Seconds(100)).ShouldBeNull();
    }

    [Fact]
    public void Without_a_rate_nothing_waits()
    {
        var throttle = new ByteThrottle(0);
        throttle.Spend(Seconds(0), long.MaxValue);
        throttle.NotBefore(Seconds(0)).ShouldBeNull();
    }

    [Fact]
    public void Corrupt_items_are_bounded_counted_and_cleared_by_a_good_copy()
    {
        var table = new CorruptTable();
        for (int number = 0; number <= CorruptTable.MaxItems; number++)
        {
            table.Add(Item(number, A));
        }

        table.Items.Count.ShouldBe(CorruptTable.MaxItems);
        table.Items[0].Id.ShouldBe(Id(1));
        table.Add(Item(7, B));
        table.Count(P0, B).ShouldBe(1);
        (table.Has(Id(7), A), table.Has(Id(7), B)).ShouldBe((false, true));
        table.Remove(Id(7));
        table.Count(P0, B).ShouldBe(0);
        for (int number = 0; number <= CorruptTable.MaxItems; number++)
        {
            table.Remove(Id(number));
        }

        table.Items.ShouldBeEmpty();
    }

    [Fact]
    public void A_blob_is_fetched_from_one_peer_at_a_time_but_not_from_a_stuck_one()
    {
        var claims = new FetchClaims();
        claims.TryClaim(Id(1), A, Seconds(0)).ShouldBeTrue();
        claims.TryClaim(Id(1), A, Seconds(0)).ShouldBeTrue();
        claims.TryClaim(Id(1), B, Seconds(1)).ShouldBeFalse();
        claims.TryClaim(Id(2), B, Seconds(1)).ShouldBeTrue();
        claims.Release([Id(1), Id(2)], A);
        claims.TryClaim(Id(1), B, Seconds(1)).ShouldBeTrue();
        claims.TryClaim(Id(2), A, Seconds(1)).ShouldBeFalse();
        claims.TryClaim(Id(2), A, Seconds(1) + FetchClaims.Patience).ShouldBeTrue();
        claims.Release([Id(2)], B);
        claims.TryClaim(Id(2), B, Seconds(5)).ShouldBeFalse("it is another's by now");
    }

    [Fact]
    public void The_first_standby_that_is_up_leads_its_data_centre()
    {
        Replica[] replicas =
        [
            Place("c", 1, ReplicaState.Standby),
            Place("b", 1, ReplicaState.Standby),
            Place("a", 1, ReplicaState.Bootstrap),
            Place("a", 2, ReplicaState.Standby, dataCenter: 2),
        ];
        LeaderOf(replicas, _ => true).ShouldBe("b");
        LeaderOf(replicas, node => node.Host != "b").ShouldBe("c");
        LeaderOf(replicas, _ => false).ShouldBeNull();
    }

    [Fact]
    public void Repairs_are_bounded_and_given_up_in_the_end()
    {
        var queue = new RepairQueue(new Backoff(Seconds(1), Seconds(30), new SequentialIds(1)));
        for (int number = 0; number < RepairQueue.MaxBlobs; number++)
        {
            queue.TryAdd(Id(number), Seconds(0)).ShouldBeTrue();
        }

        queue.TryAdd(Id(5), Seconds(0)).ShouldBeTrue("it waits already");
        queue.TryAdd(Id(9999), Seconds(0)).ShouldBeFalse();
        for (int number = 1; number < RepairQueue.MaxBlobs; number++)
        {
            queue.OnDone(Id(number));
        }

        for (int attempt = 1; attempt < RepairQueue.MaxAttempts; attempt++)
        {
            queue.Next(Seconds(attempt * 100)).ShouldBe(Id(0));
            queue.OnFailed(Id(0), Seconds(attempt * 100)).ShouldBeTrue();
            queue.Next(Seconds(attempt * 100)).ShouldBeNull();
        }

        queue.OnFailed(Id(0), Seconds(1000)).ShouldBeFalse();
        queue.Next(Seconds(5000)).ShouldBeNull();
    }

    [Fact]
    public void What_is_paused_one_by_one_and_all_together_resumes()
    {
        var paused = new PauseSwitch();
        paused.Set(new DataCenterId(2), true);
        (paused.IsPaused(new DataCenterId(1)), paused.IsPaused(new DataCenterId(2))).ShouldBe((false, true));
        paused.Set(null, true);
        paused.IsPaused(new DataCenterId(1)).ShouldBeTrue();
        paused.Set(null, false);
        (paused.IsPaused(new DataCenterId(1)), paused.IsPaused(new DataCenterId(2))).ShouldBe((false, false));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static CorruptItem Item(int number, DataNodeId peer) =>
        new(Id(number), peer, number + 1, PeerError.Corrupt, DateTimeOffset.UnixEpoch);

    private static string? LeaderOf(Replica[] replicas, Func<DataNodeId, bool> isUp) =>
        LeaderRule.LeaderOf(replicas, new DataCenterId(1), replica => isUp(replica.Node))?.Node.Host;

    private static Replica Place(string host, int port, ReplicaState state, byte dataCenter = 1) =>
        new(P0, new DataNodeId(host, port), new DataCenterId(dataCenter), "", "disk0", 1 << 24, state);
}
