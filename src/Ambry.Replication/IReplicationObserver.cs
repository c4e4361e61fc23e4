using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>Hears of every record that replication brought into a store. Thread safe; returns quickly.</summary>
public interface IReplicationObserver
{
    /// <summary>
    /// A record was taken over. For each partition and peer in the order of the peer's store; after a crash or a
    /// failure a record may be told of again.
    /// </summary>
    void OnReplicated(in ReplicationEvent replicated);
}

/// <param name="From">The peer it came from.</param>
/// <param name="Entry">As the peer has it: with the peer's LSN.</param>
public readonly record struct ReplicationEvent(PartitionId Partition, DataNodeId From, StoreEntry Entry);
