using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Store;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

public class ReplicaLifeCycleTests
{
    private static readonly ReplicaFacts Well = new(ReplicaState.Standby, StoreState.Running);

    [Fact]
    public void A_replica_that_is_well_stands_by_or_leads()
    {
        StateOf(Well).ShouldBe(ReplicaState.Standby);
        StateOf(Well with { IsFirst = true }).ShouldBe(ReplicaState.Leader);
        StateOf(Well with { Wish = ReplicaState.Leader }).ShouldBe(ReplicaState.Standby);
        StateOf(Well with { Wish = ReplicaState.Bootstrap, IsFirst = true }).ShouldBe(ReplicaState.Leader);
    }

    [Fact]
    public void One_that_is_behind_catches_up_whatever_the_layout_calls_it()
    {
        foreach (ReplicaState wish in new[] { ReplicaState.Standby, ReplicaState.Leader, ReplicaState.Bootstrap })
        {
            StateOf(Well with { Wish = wish, IsBehind = true, IsFirst = true }).ShouldBe(ReplicaState.Bootstrap);
        }
    }

    [Fact]
    public void One_that_leaves_does_so_caught_up_or_not()
    {
        StateOf(Well with { Wish = ReplicaState.Inactive }).ShouldBe(ReplicaState.Inactive);
        StateOf(Well with { Wish = ReplicaState.Inactive, IsBehind = true }).ShouldBe(ReplicaState.Inactive);
        StateOf(Well with { Wish = ReplicaState.Inactive, IsFirst = true }).ShouldBe(ReplicaState.Inactive);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(StoreState.Failed)]
    [InlineData(StoreState.Closed)]
    public void Without_a_running_store_it_is_offline(StoreState? store)
    {
        foreach (ReplicaState wish in new[] { ReplicaState.Standby, ReplicaState.Inactive, ReplicaState.Leader })
        {
            StateOf(Well with { Store = store, Wish = wish, IsFirst = true }).ShouldBe(ReplicaState.Offline);
        }
    }

    [Fact]
    public void The_operator_puts_it_offline_in_the_layout_or_on_the_node()
    {
        StateOf(Well with { Wish = ReplicaState.Offline, IsBehind = true }).ShouldBe(ReplicaState.Offline);
        StateOf(Well with { IsStopped = true, IsFirst = true }).ShouldBe(ReplicaState.Offline);
    }

    [Fact]
    public void What_is_wrong_comes_before_what_is_wished_and_removal_before_all()
    {
        StateOf(Well with { IsDefect = true, Wish = ReplicaState.Inactive }).ShouldBe(ReplicaState.Error);
        StateOf(Well with { Store = StoreState.Quarantined, IsBehind = true }).ShouldBe(ReplicaState.Error);
        StateOf(Well with { Wish = ReplicaState.Error }).ShouldBe(ReplicaState.Error);
        StateOf(Well with { Wish = ReplicaState.Dropped }).ShouldBe(ReplicaState.Dropped);
        StateOf(Well with { IsRemoved = true, IsDefect = true }).ShouldBe(ReplicaState.Dropped);
    }

    [Theory]
    [InlineData(ReplicaState.Leader, "-----")]
    [InlineData(ReplicaState.Standby, "-----")]
    [InlineData(ReplicaState.Bootstrap, "T----")]
    [InlineData(ReplicaState.Inactive, "T-TTT")]
    [InlineData(ReplicaState.Offline, "U-UUU")]
    [InlineData(ReplicaState.Dropped, "UUUUU")]
    [InlineData(ReplicaState.Error, "UUUUU")]
    public void Each_state_serves_its_operations(ReplicaState state, string expected)
    {
        string answers = string.Concat(Enum.GetValues<ReplicaOperation>().Select(
            operation => ReplicaLifeCycle.Check(state, operation) switch
            {
                PeerError.None => '-',
                PeerError.TemporarilyDisabled => 'T',
                PeerError.ReplicaUnavailable => 'U',
                _ => '?',
            }));

        // Put, get, delete, TTL update, undelete.
        answers.ShouldBe(expected);
    }

    [Theory]
    [InlineData(ReplicaState.Leader, true)]
    [InlineData(ReplicaState.Standby, true)]
    [InlineData(ReplicaState.Bootstrap, false)]
    [InlineData(ReplicaState.Inactive, false)]
    [InlineData(ReplicaState.Offline, false)]
    public void Only_one_that_is_level_testifies_that_a_blob_is_not_there(ReplicaState state, bool testifies)
    {
        PeerError[] absences = [PeerError.NotFound, PeerError.Deleted, PeerError.Expired];
        foreach (PeerError error in Enum.GetValues<PeerError>())
        {
            PeerError said = absences.Contains(error) && !testifies ? PeerError.NotLevel : error;
            ReplicaLifeCycle.Testify(state, error).ShouldBe(said);
        }
    }

    [Fact]
    public void Only_a_replica_that_was_leaving_and_is_drained_is_deleted()
    {
        foreach (ReplicaState before in Enum.GetValues<ReplicaState>())
        {
            ReplicaLifeCycle.MayDelete(before, isDrained: false).ShouldBeFalse();
            ReplicaLifeCycle.MayDelete(before, isDrained: true).ShouldBe(before == ReplicaState.Inactive);
        }
    }

    [Fact]
    public void One_that_comes_back_from_leaving_has_missed_what_others_were_sent()
    {
        ReplicaLifeCycle.FallsBehind(ReplicaState.Inactive, ReplicaState.Standby).ShouldBeTrue();
        ReplicaLifeCycle.FallsBehind(ReplicaState.Inactive, ReplicaState.Leader).ShouldBeTrue();
        ReplicaLifeCycle.FallsBehind(ReplicaState.Inactive, ReplicaState.Inactive).ShouldBeFalse();
        ReplicaLifeCycle.FallsBehind(ReplicaState.Standby, ReplicaState.Leader).ShouldBeFalse();
        ReplicaLifeCycle.FallsBehind(ReplicaState.Offline, ReplicaState.Standby).ShouldBeFalse();
    }

    [Fact]
    public void Whether_a_replica_begins_behind_depends_on_who_there_is_to_ask()
    {
        foreach ((bool isNew, bool isMarked, bool mayHaveLost) in Combinations())
        {
            ReplicaBeginning.IsBehind(ReplicaPeers.None, isNew, isMarked, mayHaveLost).ShouldBeFalse();
            ReplicaBeginning.IsBehind(ReplicaPeers.OutOfReach, isNew, isMarked, mayHaveLost).ShouldBe(isMarked);
            ReplicaBeginning.IsBehind(ReplicaPeers.Some, isNew, isMarked, mayHaveLost)
                .ShouldBe(isNew || isMarked || mayHaveLost);
        }
    }

    private static IEnumerable<(bool IsNew, bool IsMarked, bool MayHaveLost)> Combinations() =>
        Enumerable.Range(0, 8).Select(bits => ((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));

    private static ReplicaState StateOf(ReplicaFacts facts) => ReplicaLifeCycle.StateOf(facts);

    /// <summary>Found by the cluster simulation, seed 598 of its first version.</summary>
    [Theory]
    [InlineData(ReplicaState.Bootstrap, ReplicaOperation.Delete, PeerError.Deleted, PeerError.NotLevel)]
    [InlineData(ReplicaState.Bootstrap, ReplicaOperation.Delete, PeerError.None, PeerError.NotLevel)]
    [InlineData(ReplicaState.Bootstrap, ReplicaOperation.Undelete, PeerError.None, PeerError.NotLevel)]
    [InlineData(ReplicaState.Bootstrap, ReplicaOperation.Undelete, PeerError.NotDeleted, PeerError.NotLevel)]
    [InlineData(ReplicaState.Bootstrap, ReplicaOperation.UpdateTtl, PeerError.None, PeerError.None)]
    [InlineData(ReplicaState.Bootstrap, ReplicaOperation.Delete, PeerError.DiskUnavailable, PeerError.DiskUnavailable)]
    [InlineData(ReplicaState.Standby, ReplicaOperation.Delete, PeerError.Deleted, PeerError.Deleted)]
    [InlineData(ReplicaState.Leader, ReplicaOperation.Undelete, PeerError.None, PeerError.None)]
    public void The_word_of_one_that_is_behind_does_not_count_for_a_delete_or_undelete(
        ReplicaState state, ReplicaOperation operation, PeerError done, PeerError said) =>
        ReplicaLifeCycle.TestifyChange(state, operation, done).ShouldBe(said);
}
