using Ambry.ClusterMap;
using Ambry.Protocol;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

public class FailureDetectorTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FailureDetector _detector;

    public FailureDetectorTests()
    {
        _detector = new FailureDetector(new FailureDetectorOptions(), _time);
    }

    [Fact]
    public void A_node_goes_down_at_the_third_failure_in_a_row_with_all_its_replicas()
    {
        Replica first = Make("a", "/d0", 1);
        Replica other = Make("a", "/d1", 2);
        _detector.Report(first, PeerError.Unreachable);
        _detector.Report(other, PeerError.Unreachable);
        _detector.Check(first).ShouldBe(ReplicaHealth.Up);

        _detector.Report(first, PeerError.Unreachable);

        _detector.Check(other).ShouldBe(ReplicaHealth.Down);
        _detector.Check(Make("b", "/d0", 1)).ShouldBe(ReplicaHealth.Up);
    }

    [Theory]
    [InlineData(PeerError.None)]
    [InlineData(PeerError.NotFound)]
    [InlineData(PeerError.Busy)]
    [InlineData(PeerError.Internal)]
    [InlineData(PeerError.ReplicaUnavailable)]
    public void Any_answer_shows_that_the_node_lives(PeerError answer)
    {
        Replica replica = Make("a", "/d0", 1);
        _detector.Report(replica, PeerError.Unreachable);
        _detector.Report(replica, PeerError.Unreachable);
        _detector.Report(Make("a", "/d0", 9), answer);
        _detector.Report(replica, PeerError.Unreachable);

        _detector.Check(replica).ShouldBe(ReplicaHealth.Up);
    }

    [Fact]
    public void A_disk_goes_down_alone_with_its_replicas()
    {
        _detector.Report(Make("a", "/d0", 1), PeerError.DiskUnavailable);

        _detector.Check(Make("a", "/d0", 2)).ShouldBe(ReplicaHealth.Down);
        _detector.Check(Make("a", "/d1", 3)).ShouldBe(ReplicaHealth.Up);
    }

    [Fact]
    public void A_replica_goes_down_alone()
    {
        _detector.Report(Make("a", "/d0", 1), PeerError.ReplicaUnavailable);

        _detector.Check(Make("a", "/d0", 1)).ShouldBe(ReplicaHealth.Down);
        _detector.Check(Make("a", "/d0", 2)).ShouldBe(ReplicaHealth.Up);
    }

    [Fact]
    public void After_the_backoff_one_probe_is_let_through_and_its_success_clears()
    {
        Replica replica = Make("a", "/d0", 1);
        _detector.Report(replica, PeerError.ReplicaUnavailable);
        _time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        _detector.Check(replica).ShouldBe(ReplicaHealth.Down);
        _time.Advance(TimeSpan.FromTicks(1));

        _detector.Look(replica).ShouldBe(ReplicaHealth.Probe);
        _detector.Check(replica).ShouldBe(ReplicaHealth.Probe);
        _detector.Look(replica).ShouldBe(ReplicaHealth.Down);
        _detector.Check(replica).ShouldBe(ReplicaHealth.Down);
        _detector.Report(replica, PeerError.None);
        _detector.Check(replica).ShouldBe(ReplicaHealth.Up);
    }

    [Fact]
    public void Each_failed_probe_doubles_the_backoff_to_a_minute_and_a_success_begins_anew()
    {
        Replica replica = Make("a", "/d0", 1);
        TakeDown(replica);
        foreach (int seconds in (int[])[1, 2, 4, 8, 16, 32, 60, 60])
        {
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            _detector.Check(replica).ShouldBe(ReplicaHealth.Down, $"within {seconds} s");
            _time.Advance(TimeSpan.FromTicks(1));
            _detector.Check(replica).ShouldBe(ReplicaHealth.Probe, $"after {seconds} s");
            _detector.Report(replica, PeerError.Unreachable);
        }

        _detector.Report(replica, PeerError.None);
        TakeDown(replica);
        _time.Advance(TimeSpan.FromSeconds(1));
        _detector.Check(replica).ShouldBe(ReplicaHealth.Probe);
    }

    [Fact]
    public void Time_outs_of_what_was_sent_before_it_went_down_do_not_double_the_backoff()
    {
        Replica replica = Make("a", "/d0", 1);
        for (int i = 0; i < 100; i++)
        {
            _detector.Report(replica, PeerError.Unreachable);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        _detector.Check(replica).ShouldBe(ReplicaHealth.Probe);
    }

    [Fact]
    public void A_probe_that_is_never_answered_does_not_keep_a_replica_down_for_ever()
    {
        Replica replica = Make("a", "/d0", 1);
        _detector.Report(replica, PeerError.ReplicaUnavailable);
        _time.Advance(TimeSpan.FromSeconds(1));
        _detector.Check(replica).ShouldBe(ReplicaHealth.Probe);
        _time.Advance(TimeSpan.FromSeconds(5));

        _detector.Check(replica).ShouldBe(ReplicaHealth.Probe);
    }

    [Theory]
    [InlineData(PeerError.Busy)]
    [InlineData(PeerError.TemporarilyDisabled)]
    [InlineData(PeerError.NotLevel)]
    [InlineData(PeerError.PartitionReadOnly)]
    [InlineData(PeerError.PartitionUnknown)]
    [InlineData(PeerError.TtlUpdateRefused)]
    [InlineData(PeerError.Corrupt)]
    public void A_refusal_never_counts(PeerError answer)
    {
        Replica replica = Make("a", "/d0", 1);
        for (int i = 0; i < 100; i++)
        {
            _detector.Report(replica, answer);
        }

        _detector.Check(replica).ShouldBe(ReplicaHealth.Up);
    }

    [Fact]
    public void The_number_of_changes_rises_when_something_goes_down_is_probed_or_comes_back()
    {
        Replica replica = Make("a", "/d0", 1);
        int before = _detector.Changes;
        _detector.Report(replica, PeerError.None);
        _detector.Changes.ShouldBe(before);
        _detector.Report(replica, PeerError.ReplicaUnavailable);
        int down = _detector.Changes;
        down.ShouldBeGreaterThan(before);
        _time.Advance(TimeSpan.FromSeconds(1));
        _detector.Check(replica);
        int probed = _detector.Changes;
        probed.ShouldBeGreaterThan(down);
        _detector.Report(replica, PeerError.None);
        _detector.Changes.ShouldBeGreaterThan(probed);
    }

    private void TakeDown(Replica replica)
    {
        for (int i = 0; i < 3; i++)
        {
            _detector.Report(replica, PeerError.Unreachable);
        }
    }

    private static Replica Make(string host, string mountPath, uint partition) => new(
        new PartitionId(partition),
        new DataNodeId(host, 1),
        new DataCenterId(1),
        "",
        mountPath,
        1,
        ReplicaState.Standby);
}
