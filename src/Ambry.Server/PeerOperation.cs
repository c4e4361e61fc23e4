namespace Ambry.Server;

/// <summary>What a node may be asked for by its peers: names in metrics, and what an operator can forbid.</summary>
public enum PeerOperation
{
    Put,
    Get,
    Delete,
    UpdateTtl,
    Undelete,

    /// <summary>First phase of a peer's pull.</summary>
    ReplicaMetadata,

    /// <summary>Second phase of a peer's pull.</summary>
    FetchBlobs,
}
