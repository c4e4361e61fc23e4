using Microsoft.Extensions.Logging;

namespace Ambry.Host;

/// <summary>
/// Drives one worker's RunOnce over and over, at the <see cref="LoopPace"/> it was given, and after a growing pause
/// when it fails. A worker's failure is logged and never ends the loop. Dispose, or the token of its owner, stops it;
/// Dispose waits for the present run.
/// </summary>
internal sealed class BackgroundLoop : IAsyncDisposable
{
    /// <summary>Long enough not to fill the log, short enough that a healed disk is noticed.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop;
    private readonly Func<CancellationToken, ValueTask<int>> _runOnce;
    private readonly string _name;
    private readonly LoopPace _pace;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _loop;

    /// <param name="runOnce">Answers how much it did; 0 means that there was nothing to do.</param>
    /// <param name="stopping">
    /// Stops loops together: one may wait for what another one is doing, so they cannot be stopped one after the other.
    /// </param>
    public BackgroundLoop(
        string name,
        Func<CancellationToken, ValueTask<int>> runOnce,
        LoopPace pace,
        TimeProvider time,
        ILogger logger,
        CancellationToken stopping = default)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _name = name;
        _runOnce = runOnce;
        _pace = pace;
        _time = time;
        _logger = logger;
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        int failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                int done = await _runOnce(_stop.Token);
                failures = 0;
                if (done == 0 || _pace.PausesAfterWork)
                {
                    await Task.Delay(_pace.Pause, _time, _stop.Token);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                failures = Math.Min(failures + 1, 10);
                Log.WorkerFailed(_logger, _name, fault);
                await PauseAfterFailureAsync(failures);
            }
        }
    }

    private async Task PauseAfterFailureAsync(int failures)
    {
        var pause = _pace.Pause * Math.Pow(2, failures);
        try
        {
            await Task.Delay(pause < LongestPause ? pause : LongestPause, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopping: the loop's condition sees it.
            return;
        }
    }
}
