namespace Ambry.ClusterMap;

/// <summary>What a replica may be asked for.</summary>
public enum ReplicaOperation
{
    Put,
    Get,
    Delete,
    UpdateTtl,
    Undelete,
}
