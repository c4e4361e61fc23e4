using Ambry.Protocol;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// One process on the network, a node or a gateway: up or down, running or stopped. Outlives the process's lives. For
/// one thread only.
/// </summary>
internal sealed class SimSite(string name, DataCenterId dataCenter)
{
    private TaskCompletionSource? _paused;

    public string Name => name;

    public DataCenterId DataCenter => dataCenter;

    /// <summary>Null while the process is down, and for a gateway.</summary>
    public IPeerService? Service { get; set; }

    /// <summary>Counts the lives: an answer of an earlier one never arrives.</summary>
    public int Life { get; set; }

    /// <summary>The machine answers for a process that is down: a connection is refused at once.</summary>
    public bool RefusesWhenDown { get; set; } = true;

    public bool IsPaused => _paused is not null;

    /// <summary>Completed unless the process is stopped; then when it goes on.</summary>
    public Task Running => _paused?.Task ?? Task.CompletedTask;

    /// <summary>As SIGSTOP does: nothing moves, the machine keeps connections open.</summary>
    public void Pause() => _paused ??= new TaskCompletionSource();

    public void Resume()
    {
        TaskCompletionSource? paused = _paused;
        _paused = null;
        paused?.TrySetResult();
    }
}
