using Ambry.ClusterMap;

namespace Ambry.Router;

/// <summary>Why a replica is asked.</summary>
internal enum AttemptReason
{
    First,

    /// <summary>The one before failed.</summary>
    Failure,

    /// <summary>The one before is slower than most.</summary>
    Hedge,

    /// <summary>The one before took so long that it counts as hanging.</summary>
    Hanging,
}

/// <summary>One request of a read to one replica. Thread safe.</summary>
internal sealed class FetchAttempt(Replica replica, bool isLocal, AttemptReason reason, long startedAt)
{
    private readonly CancellationTokenSource _abort = new();

    public Replica Replica { get; } = replica;

    public bool IsLocal { get; } = isLocal;

    public AttemptReason Reason { get; } = reason;

    public long StartedAt { get; } = startedAt;

    /// <summary>Written before the request is sent.</summary>
    public bool IsProbe { get; set; }

    public CancellationToken Token => _abort.Token;

    public bool WasAborted => _abort.IsCancellationRequested;

    public void Abort() => _abort.Cancel();
}
