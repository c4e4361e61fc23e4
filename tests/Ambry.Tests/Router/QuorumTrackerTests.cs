using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class QuorumTrackerTests
{
    [Fact]
    public void Two_of_three_decide_for_it()
    {
        QuorumTracker tracker = Track(3, 2, PeerError.None, PeerError.Unreachable);
        tracker.IsDecided.ShouldBeFalse();

        tracker.Report(PeerError.None);

        tracker.Reached.ShouldBeTrue();
    }

    [Fact]
    public void It_is_decided_against_it_as_soon_as_the_rest_cannot_be_enough()
    {
        QuorumTracker tracker = Track(3, 2, PeerError.Unreachable, PeerError.Busy);

        tracker.IsDecided.ShouldBeTrue();
        tracker.Reached.ShouldBeFalse();
        tracker.Failure.ShouldBe(RouterError.Unavailable);
    }

    [Fact]
    public void Deleted_is_a_success_only_for_a_delete()
    {
        Track(1, 1, PeerError.Deleted).Reached.ShouldBeFalse();
        var delete = new QuorumTracker(1, 1, ReplicaOperation.Delete);
        delete.Report(PeerError.Deleted);
        delete.Reached.ShouldBeTrue();
    }

    [Fact]
    public void Only_refusals_leave_nothing_to_clean_up()
    {
        Track(2, 2, PeerError.Busy, PeerError.PartitionReadOnly).AllRefused.ShouldBeTrue();
        Track(2, 2, PeerError.Busy, PeerError.Unreachable).AllRefused.ShouldBeFalse();
    }

    [Fact]
    public void An_answer_too_many_is_a_defect()
    {
        QuorumTracker tracker = Track(1, 1, PeerError.None);

        Should.Throw<InvariantViolationException>(() => tracker.Report(PeerError.None));
    }

    [Fact]
    public void Every_peer_error_has_a_router_error_and_only_none_is_none()
    {
        foreach (PeerError error in Enum.GetValues<PeerError>())
        {
            (RouterErrorMap.Of(error) == RouterError.None).ShouldBe(error == PeerError.None, $"{error}");
        }

        Should.Throw<System.Diagnostics.UnreachableException>(() => RouterErrorMap.Of((PeerError)200));
    }

    [Fact]
    public void Combining_is_total_and_does_not_depend_on_the_order()
    {
        RouterError[] all = Enum.GetValues<RouterError>();
        foreach (RouterError left in all)
        {
            RouterErrorMap.Combine(left, RouterError.None).ShouldBe(left);
            foreach (RouterError right in all)
            {
                RouterErrorMap.Combine(left, right).ShouldBe(RouterErrorMap.Combine(right, left));
            }
        }
    }

    private static QuorumTracker Track(int sent, int target, params PeerError[] answers)
    {
        var tracker = new QuorumTracker(sent, target, ReplicaOperation.Put);
        foreach (PeerError answer in answers)
        {
            tracker.Report(answer);
        }

        return tracker;
    }
}
