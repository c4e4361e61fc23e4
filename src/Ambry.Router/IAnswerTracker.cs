using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Counts the answers of one request that was sent to several replicas at once. No I/O; the owner's lock guards it.
/// </summary>
internal interface IAnswerTracker
{
    bool Reached { get; }

    /// <summary>Reached, or out of reach.</summary>
    bool IsDecided { get; }

    bool AllAnswered { get; }

    void Report(Replica replica, PeerError error);
}
