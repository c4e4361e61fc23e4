using Ambry.ClusterMap;
using Ambry.Store;

namespace Ambry.Server;

/// <summary>Everything that decides in which state a replica is.</summary>
/// <param name="Wish">What the operator wrote into the layout.</param>
/// <param name="Store">Null while there is no store.</param>
/// <param name="IsBehind">Its store may lack what others hold, and has not caught up yet.</param>
/// <param name="IsFirst">First in the order of those that could lead.</param>
/// <param name="IsStopped">By the operator, on this node.</param>
/// <param name="IsDefect">Its own logic was caught wrong.</param>
/// <param name="IsRemoved">The layout has no such replica any more.</param>
internal readonly record struct ReplicaFacts(
    ReplicaState Wish,
    StoreState? Store,
    bool IsBehind = false,
    bool IsFirst = false,
    bool IsStopped = false,
    bool IsDefect = false,
    bool IsRemoved = false);
