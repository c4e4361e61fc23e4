namespace Ambry.Store;

/// <summary>Whether a store serves, and if not, why not.</summary>
public enum StoreState
{
    Running,

    /// <summary>
    /// What is on the disk contradicts itself. Nothing is served or changed until the replica is replaced.
    /// </summary>
    Quarantined,

    /// <summary>The disk failed under a running store. Only opening anew tells what is durable.</summary>
    Failed,

    Closed,
}

/// <summary>A store's state; the reason is for operators and set when the store does not serve.</summary>
public readonly record struct StoreStatus(StoreState State, string? Reason = null);
