using Ambry.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Replication;

/// <summary>What a node's replication works with. Immutable; all its members are thread safe.</summary>
public sealed record ReplicationSetup
{
    /// <summary>This node.</summary>
    public required DataNodeId Self { get; init; }

    public required IReplicationClient Client { get; init; }

    public ReplicationOptions Options { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where jitter comes from.</summary>
    public IIdSource Ids { get; init; } = new RandomIdSource();

    public ILogger Logger { get; init; } = NullLogger.Instance;

    public ReplicationMetrics Metrics { get; init; } = ReplicationMetrics.None;

    /// <summary>Told of every record taken over; null when nobody listens.</summary>
    public IReplicationObserver? Observer { get; init; }
}
