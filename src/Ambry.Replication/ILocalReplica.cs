using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Store;

namespace Ambry.Replication;

/// <summary>
/// A replica of this node as replication sees it. Every property may change at any time and is read anew for each use.
/// Thread safe.
/// </summary>
public interface ILocalReplica
{
    /// <summary>Its place in the cluster.</summary>
    Replica Place { get; }

    /// <summary>
    /// Null while it is not open. Another object than before when it was opened anew: tokens are then read again.
    /// </summary>
    BlobStore? Store { get; }

    /// <summary>Where it stands in its life as this node decided, which the layout only wishes for.</summary>
    ReplicaState State { get; }

    /// <summary>Where its folder is; null while there is none.</summary>
    IDisk? Disk { get; }

    /// <summary>The store's folder on <see cref="Disk"/>.</summary>
    string Folder { get; }
}
