namespace Ambry.Server;

/// <summary>
/// One piece of a node's background work, for somebody else to drive in a loop of its own. What is known of one in an
/// older list of <see cref="StorageNode.Workers"/> is the same object in a newer one; once it is in none any more, its
/// loop should end, and until then does nothing. One driver each.
/// </summary>
public sealed class NodeWorker(NodeWorkerKind kind, string name, Func<CancellationToken, ValueTask<int>> runOnce)
{
    public NodeWorkerKind Kind { get; } = kind;

    /// <summary>Tells it from the others of its node, for logs.</summary>
    public string Name { get; } = name;

    /// <summary>Does what is due; returns how much that was, 0 for nothing.</summary>
    public ValueTask<int> RunOnceAsync(CancellationToken token) => runOnce(token);
}

/// <summary>Decides how often a worker is run.</summary>
public enum NodeWorkerKind
{
    /// <summary>Probes a disk, opens stores anew: about every second.</summary>
    Disk,

    /// <summary>Moves replicas on from state to state: about every second.</summary>
    LifeCycle,

    /// <summary>Writes indexes: about every ten seconds.</summary>
    IndexFlush,

    Compaction,

    Scrub,

    HardDelete,

    /// <summary>Pulls from peers: again at once while there was something, else after 50 ms.</summary>
    Replication,
}
