using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>
/// One peer node with the partitions that it shares with this one. Immutable, but for whose turn it is.
/// </summary>
/// <param name="IsLocal">Of this node's data centre.</param>
internal sealed record PeerLink(
    DataNodeId Node, DataCenterId DataCenter, bool IsLocal, IReadOnlyList<ReplicaLedger> Ledgers)
{
    public const string Within = "within";
    public const string Between = "between";

    private int _next;

    /// <summary>The tag in metrics.</summary>
    public string Scope => IsLocal ? Within : Between;

    /// <summary>
    /// All partitions, beginning with another one each time: where not all fit into a round, each has its turn.
    /// </summary>
    public IEnumerable<ReplicaLedger> InTurn()
    {
        int first = (int)((uint)Interlocked.Increment(ref _next) % (uint)Math.Max(1, Ledgers.Count));
        for (int i = 0; i < Ledgers.Count; i++)
        {
            yield return Ledgers[(first + i) % Ledgers.Count];
        }
    }
}
