using Ambry.ClusterMap;
using Shouldly;
using Xunit;

namespace Ambry.Tests.ClusterMap;

public class ReplicaEligibilityTests
{
    [Theory]
    [InlineData(ReplicaState.Offline, "")]
    [InlineData(ReplicaState.Bootstrap, "Get Delete UpdateTtl Undelete")]
    [InlineData(ReplicaState.Standby, "Put Get Delete UpdateTtl Undelete")]
    [InlineData(ReplicaState.Leader, "Put Get Delete UpdateTtl Undelete")]
    [InlineData(ReplicaState.Inactive, "Get")]
    [InlineData(ReplicaState.Dropped, "")]
    [InlineData(ReplicaState.Error, "")]
    public void Each_state_allows_its_operations_and_no_other(ReplicaState state, string allowed)
    {
        string actual = string.Join(
            ' ', Enum.GetValues<ReplicaOperation>().Where(o => ReplicaEligibility.Allows(state, o)));

        actual.ShouldBe(allowed);
    }

    [Fact]
    public void Only_leader_and_standby_testify_absence()
    {
        Enum.GetValues<ReplicaState>().Where(ReplicaEligibility.MayTestifyAbsence)
            .ShouldBe([ReplicaState.Standby, ReplicaState.Leader]);
    }
}
