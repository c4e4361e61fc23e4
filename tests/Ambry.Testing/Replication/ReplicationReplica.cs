using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Replication;
using Ambry.Store;

namespace Ambry.Testing.Replication;

/// <summary>A replica as the node hands it to its engine.</summary>
public sealed class ReplicationReplica(Replica place, BlobStore? store, IDisk disk, string folder) : ILocalReplica
{
    public Replica Place { get; private set; } = place;

    public BlobStore? Store { get; set; } = store;

    public ReplicaState State { get; set; }

    public IDisk? Disk => disk;

    public string Folder => folder;

    public void Move(Replica next) => Place = next;
}
