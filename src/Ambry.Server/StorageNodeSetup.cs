using System.Diagnostics.Metrics;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>What a node is opened with, beside its disks.</summary>
public sealed record StorageNodeSetup(
    ClusterView View, DataNodeId Node, StorageNodeOptions Options, IIdSource Ids, TimeProvider Time, ILogger Logger)
{
    /// <summary>Where the node and its stores count; without one nobody sees what they count.</summary>
    public IMeterFactory? Meters { get; init; }

    /// <summary>
    /// How it reaches its peers. Without one it replicates with nobody, and takes what its replicas hold for all there
    /// is: right where every partition has one replica.
    /// </summary>
    public IReplicationClient? Replication { get; init; }

    public ReplicationOptions ReplicationOptions { get; init; } = new();

    /// <summary>Told of every record that was taken over from a peer.</summary>
    public IReplicationObserver? Observer { get; init; }
}
