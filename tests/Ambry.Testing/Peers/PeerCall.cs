using Ambry.Protocol;

namespace Ambry.Testing.Peers;

/// <summary>One request that reached the peers.</summary>
public sealed record PeerCall(PeerOperation Operation, DataNodeId Node, BlobId Id, GetBlobRequest? Get = null);

public enum PeerOperation
{
    Put,
    Get,
    Delete,
    UpdateTtl,
    Undelete,
}
