using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>How far one local replica is behind one of its peers, as the peer last said. Immutable.</summary>
/// <param name="Pulled">Everything up to here has been applied.</param>
/// <param name="Durable">Everything up to here survives a power cut.</param>
/// <param name="PeerLastLsn">The peer's newest record; null before it answered.</param>
/// <param name="LagBytes">About how many bytes of records are still to come.</param>
/// <param name="LagSeconds">Since when it is behind; 0 when it is level.</param>
/// <param name="LastContact">When the peer last answered for this partition; null before it did.</param>
/// <param name="LastError">What it answered last, or why nothing could be applied here.</param>
/// <param name="CorruptItems">Blobs passed over because this peer's copy could not be used.</param>
/// <param name="IsPaused">The operator stopped pulling from the peer's data centre.</param>
public sealed record ReplicaLag(
    PartitionId Partition,
    DataNodeId Peer,
    DataCenterId DataCenter,
    FindToken Pulled,
    FindToken Durable,
    long? PeerLastLsn,
    long LagBytes,
    double LagSeconds,
    DateTimeOffset? LastContact,
    PeerError LastError,
    int CorruptItems,
    bool IsPaused);

/// <summary>A blob that could not be taken from a peer, and that no other peer has brought since.</summary>
/// <param name="Peer">Whose copy it was.</param>
/// <param name="Error">Corrupt: its bytes fail their checksum. AlreadyExists: here the id has other bytes.</param>
public sealed record CorruptItem(BlobId Id, DataNodeId Peer, long Lsn, PeerError Error, DateTimeOffset FoundAt);
