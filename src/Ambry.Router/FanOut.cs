using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// One request on its way to several replicas at once: <see cref="Decided"/> completes with the tracker's verdict,
/// <see cref="Settled"/> when the last replica answered. <c>_gate</c> guards the tracker until it settled.
/// </summary>
internal sealed class FanOut
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IAnswerTracker _tracker;
    private readonly RouterServices _services;
    private volatile bool _wasHanging;

    private FanOut(RouterServices services, IAnswerTracker tracker)
    {
        _services = services;
        _tracker = tracker;
    }

    public Task Decided => _decided.Task;

    public Task Settled => _settled.Task;

    /// <summary>
    /// Sends to all at once. What <paramref name="send"/> needs must stay until <see cref="Settled"/>.
    /// </summary>
    public static FanOut Start(
        RouterServices services,
        IReadOnlyList<Replica> replicas,
        IAnswerTracker tracker,
        Func<Replica, CancellationToken, ValueTask<PeerError>> send)
    {
        Invariant.Check(replicas.Count > 0);
        var fanOut = new FanOut(services, tracker);
        foreach (Replica replica in replicas)
        {
            _ = fanOut.SendAsync(replica, send);
        }

        return fanOut;
    }

    /// <summary>
    /// Lets go of those that have not answered, once their answers do not matter any more.
    /// </summary>
    /// <param name="areHanging">They were given the time they take: counts against their nodes.</param>
    public void Abandon(bool areHanging)
    {
        _wasHanging |= areHanging;
        _abandoned.Cancel();
    }

    private async Task SendAsync(Replica replica, Func<Replica, CancellationToken, ValueTask<PeerError>> send)
    {
        PeerError error;
        try
        {
            error = await send(replica, _abandoned.Token);
        }
        catch (OperationCanceledException)
        {
            error = PeerError.Unreachable;
        }
        catch (Exception e)
        {
            Log.PeerThrew(_services.Logger, replica.Node, replica.Partition, e);
            error = PeerError.Internal;
        }

        if (error != PeerError.Unreachable || !_abandoned.IsCancellationRequested || _wasHanging)
        {
            _services.FailureDetector.Report(replica, error);
        }

        bool decided;
        bool settled;
        lock (_gate)
        {
            _tracker.Report(replica, error);
            decided = _tracker.IsDecided;
            settled = _tracker.AllAnswered;
        }

        if (decided)
        {
            _decided.TrySetResult();
        }

        if (settled)
        {
            _settled.TrySetResult();
        }
    }
}
