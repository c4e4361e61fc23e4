using System.Diagnostics.Metrics;
using Ambry.ClusterMap;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>What a node is opened with, beside its disks.</summary>
public sealed record StorageNodeSetup(
    ClusterView View, DataNodeId Node, StorageNodeOptions Options, IIdSource Ids, TimeProvider Time, ILogger Logger)
{
    /// <summary>Where the node's stores count; without one nobody sees what they count.</summary>
    public IMeterFactory? Meters { get; init; }
}
