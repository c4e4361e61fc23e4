using System.Collections.Concurrent;
using Ambry.Host;
using Microsoft.Extensions.Logging;

namespace Ambry.Integration.Tests.Host;

public sealed class BackgroundLoopTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static readonly LoopPace Pace = LoopPace.WhenIdle(Pause);

    private readonly ManualTimers _time = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ILogger _logger;

    public BackgroundLoopTests() => _logger = new RecordingLogger(_errors);

    [Fact]
    public async Task Work_goes_on_at_once_and_idleness_pauses()
    {
        var runs = 0;
        await using var loop = new BackgroundLoop(
            "worker", _ => ValueTask.FromResult(++runs % 3 == 0 ? 0 : 1), Pace, _time, _logger);
        for (var round = 1; round <= 4; round++)
        {
            var timer = await _time.NextAsync();
            timer.DueTime.ShouldBe(Pause);
            runs.ShouldBe(3 * round);
            timer.Fire();
        }

        _errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Loops_of_one_owner_stop_together_though_one_waits_for_the_other()
    {
        using var stopping = new CancellationTokenSource();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holds = new BackgroundLoop("holds", HoldAsync, Pace, _time, _logger, stopping.Token);
        var waits = new BackgroundLoop("waits", WaitAsync, Pace, _time, _logger, stopping.Token);

        await stopping.CancelAsync();
        await waits.DisposeAsync();
        await holds.DisposeAsync();

        _errors.ShouldBeEmpty();

        async ValueTask<int> HoldAsync(CancellationToken token)
        {
            await using var end = token.Register(() => held.TrySetResult());
            await held.Task;
            return 0;
        }

        async ValueTask<int> WaitAsync(CancellationToken token)
        {
            await held.Task;
            return 0;
        }
    }

    [Fact]
    public async Task Periodic_work_pauses_after_every_run_however_much_it_did()
    {
        var runs = 0;
        await using var loop = new BackgroundLoop(
            "worker", _ => ValueTask.FromResult(++runs), LoopPace.AfterEveryRun(Pause), _time, _logger);
        for (var round = 1; round <= 4; round++)
        {
            var timer = await _time.NextAsync();
            timer.DueTime.ShouldBe(Pause);
            runs.ShouldBe(round);
            timer.Fire();
        }

        _errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failure_is_logged_and_pauses_longer_each_time_up_to_a_limit()
    {
        await using var loop = new BackgroundLoop(
            "worker", _ => throw new InvalidOperationException("broken"), Pace, _time, _logger);
        foreach (var seconds in (int[])[2, 4, 8, 16, 30, 30, 30])
        {
            var timer = await _time.NextAsync();
            timer.DueTime.ShouldBe(TimeSpan.FromSeconds(seconds));
            timer.Fire();
        }

        _errors.Count.ShouldBeGreaterThanOrEqualTo(7);
        _errors.ShouldAllBe(line => line.Contains("'worker' failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_success_forgets_the_failures_before_it()
    {
        var runs = 0;
        await using var loop = new BackgroundLoop(
            "worker",
            _ => ++runs is 1 or 2 or 4 ? throw new InvalidOperationException("broken") : ValueTask.FromResult(0),
            Pace,
            _time,
            _logger);
        foreach (var seconds in (int[])[2, 4, 1, 2, 1])
        {
            var timer = await _time.NextAsync();
            timer.DueTime.ShouldBe(TimeSpan.FromSeconds(seconds));
            timer.Fire();
        }
    }

    [Fact]
    public async Task Dispose_ends_a_pause_and_waits_for_the_run_under_way()
    {
        var idle = new BackgroundLoop("idle", _ => ValueTask.FromResult(0), Pace, _time, _logger);
        await _time.NextAsync();
        await idle.DisposeAsync();

        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var end = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = new BackgroundLoop(
            "busy",
            async token =>
            {
                begun.TrySetResult();
                var done = await end.Task;
                token.IsCancellationRequested.ShouldBeTrue();
                return done;
            },
            Pace,
            _time,
            _logger);
        await begun.Task;
        var disposal = busy.DisposeAsync().AsTask();
        disposal.IsCompleted.ShouldBeFalse();
        end.SetResult(1);
        await disposal;
        _errors.ShouldBeEmpty();
    }

    private sealed class RecordingLogger(ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));
    }
}
