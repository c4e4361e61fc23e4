namespace Ambry.ClusterMap;

/// <summary>Where a replica stands in its life; <see cref="ReplicaEligibility"/> says what each state may do.</summary>
public enum ReplicaState
{
    /// <summary>The node is up or down, the replica does not take part.</summary>
    Offline,

    /// <summary>New here, still pulling what its peers have.</summary>
    Bootstrap,

    Standby,

    /// <summary>At most one a partition and data centre; not needed for correctness.</summary>
    Leader,

    /// <summary>Leaving: reads only, until its peers have what it has.</summary>
    Inactive,

    Dropped,

    /// <summary>A transition failed; an operator resets it.</summary>
    Error,
}
