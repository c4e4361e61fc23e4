using Microsoft.Extensions.Logging;

namespace Ambry.Replication;

/// <summary>What all parts of one engine share. Thread safe.</summary>
internal sealed class ReplicationServices(ReplicationSetup setup)
{
    private readonly long _started = setup.Time.GetTimestamp();

    public ReplicationSetup Setup => setup;

    public ReplicationOptions Options => setup.Options;

    public ReplicationMetrics Metrics => setup.Metrics;

    public ILogger Logger => setup.Logger;

    public CorruptTable Corrupt { get; } = new();

    public Backoff Backoff { get; } = new(setup.Options.BackoffMin, setup.Options.BackoffMax, setup.Ids);

    /// <summary>Time since the engine was made; never goes back.</summary>
    public TimeSpan Now => setup.Time.GetElapsedTime(_started);

    public DateTimeOffset WallClock => setup.Time.GetUtcNow();

    /// <summary>Bounds a request to a peer; the caller disposes it.</summary>
    public RequestTimeout StartTimeout(CancellationToken token) => new(Options.RequestTimeout, setup.Time, token);
}

/// <summary>A token that is cancelled with the caller's, or when its time is over. One request.</summary>
internal sealed class RequestTimeout : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    public RequestTimeout(TimeSpan limit, TimeProvider time, CancellationToken token)
    {
        _timer = new CancellationTokenSource(limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(token, _timer.Token);
    }

    public CancellationToken Token => _linked.Token;

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
