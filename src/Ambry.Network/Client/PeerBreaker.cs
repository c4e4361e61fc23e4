using Ambry.Protocol;
using Polly;
using Polly.CircuitBreaker;

namespace Ambry.Network;

/// <summary>
/// Leaves a peer alone that does not answer: three in four calls of the last seconds, so that one hanging disk of two
/// does not take the node with it. Then one call at a time tries whether it is back. Thread safe.
/// </summary>
internal sealed class PeerBreaker
{
    /// <summary>How far back it looks. Longer than a request may take, so that calls one by one count too.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A call that its caller gave up after this long speaks against the peer: hedged requests would otherwise hide
    /// one that hangs. Many times what a small request takes.
    /// </summary>
    private static readonly TimeSpan SuspectAfter = TimeSpan.FromSeconds(0.25);

    private readonly CircuitBreakerStateProvider _state = new();
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<PeerAnswer> _pipeline;
    private bool _isAway;

    public PeerBreaker(DataNodeId peer, TcpPeerClientOptions options, NetworkServices services)
    {
        _time = services.Time;
        var breaker = new CircuitBreakerStrategyOptions<PeerAnswer>
        {
            FailureRatio = 0.75,
            MinimumThroughput = 2,
            SamplingDuration = Window,
            StateProvider = _state,
            BreakDurationGenerator = arguments => ValueTask.FromResult(PauseAfter(options, arguments.HalfOpenAttempts)),
            ShouldHandle = static arguments =>
                ValueTask.FromResult(arguments.Outcome.Result.Error == PeerError.Unreachable),
            OnOpened = arguments =>
            {
                // A peer that stays away is news once, not at every try.
                if (!Interlocked.Exchange(ref _isAway, true))
                {
                    Log.BreakerOpened(services.Logger, peer, arguments.BreakDuration.TotalSeconds);
                }
                else
                {
                    Log.BreakerOpenedAgain(services.Logger, peer, arguments.BreakDuration.TotalSeconds);
                }

                return default;
            },
            OnClosed = _ =>
            {
                Volatile.Write(ref _isAway, false);
                Log.BreakerClosed(services.Logger, peer);
                return default;
            },
        };
        _pipeline = new ResiliencePipelineBuilder<PeerAnswer> { TimeProvider = services.Time }
            .AddCircuitBreaker(breaker)
            .Build();
    }

    /// <summary>What the call answers, or Unreachable without a call.</summary>
    public async ValueTask<PeerAnswer> RunAsync<TState>(
        Func<TState, CancellationToken, ValueTask<PeerAnswer>> call, TState state, CancellationToken token)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, token);
        try
        {
            Outcome<PeerAnswer> outcome = await _pipeline.ExecuteOutcomeAsync(
                static (context, all) => all.breaker.TryAsync(all.call, all.state, context.CancellationToken),
                context,
                (breaker: this, call, state)).ConfigureAwait(false);
            if (outcome.Exception is null or BrokenCircuitException)
            {
                PeerAnswer answer = outcome.Exception is null ? outcome.Result : new(PeerError.Unreachable);
                if (answer.Error == PeerError.Unreachable)
                {
                    token.ThrowIfCancellationRequested();
                }

                return answer;
            }

            outcome.ThrowIfException();
            return default;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static TimeSpan PauseAfter(TcpPeerClientOptions options, int attempts) => TimeSpan.FromTicks(Math.Min(
        options.BreakMin.Ticks << Math.Min(attempts, 16), options.BreakMax.Ticks));

    private async ValueTask<Outcome<PeerAnswer>> TryAsync<TState>(
        Func<TState, CancellationToken, ValueTask<PeerAnswer>> call, TState state, CancellationToken token)
    {
        long started = _time.GetTimestamp();
        try
        {
            return Outcome.FromResult(await call(state, token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
            when (_state.CircuitState == CircuitState.HalfOpen || _time.GetElapsedTime(started) >= SuspectAfter)
        {
            return Outcome.FromResult(new PeerAnswer(PeerError.Unreachable));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<PeerAnswer>(exception);
        }
    }
}
