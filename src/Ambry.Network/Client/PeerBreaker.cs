using Ambry.Protocol;
using Polly;
using Polly.CircuitBreaker;

namespace Ambry.Network;

/// <summary>
/// Leaves a peer alone that does not answer: at least half of its calls, of the last seconds. Then one call at a time
/// tries whether it is back. Thread safe.
/// </summary>
internal sealed class PeerBreaker
{
    /// <summary>How far back it looks. Longer than a request may take, so that calls one by one count too.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    private readonly ResiliencePipeline<PeerAnswer> _pipeline;

    public PeerBreaker(DataNodeId peer, TcpPeerClientOptions options, NetworkServices services)
    {
        var breaker = new CircuitBreakerStrategyOptions<PeerAnswer>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 2,
            SamplingDuration = Window,
            BreakDurationGenerator = arguments => ValueTask.FromResult(PauseAfter(options, arguments.HalfOpenAttempts)),
            ShouldHandle = static arguments =>
                ValueTask.FromResult(arguments.Outcome.Result.Error == PeerError.Unreachable),
            OnOpened = arguments =>
            {
                Log.BreakerOpened(services.Logger, peer, arguments.BreakDuration.TotalSeconds);
                return default;
            },
            OnClosed = _ =>
            {
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
                static (context, both) => TryAsync(both.call, both.state, context.CancellationToken),
                context,
                (call, state)).ConfigureAwait(false);
            if (outcome.Exception is not null and not BrokenCircuitException)
            {
                outcome.ThrowIfException();
            }

            return outcome.Exception is null ? outcome.Result : new PeerAnswer(PeerError.Unreachable);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static TimeSpan PauseAfter(TcpPeerClientOptions options, int attempts) => TimeSpan.FromTicks(Math.Min(
        options.BreakMin.Ticks << Math.Min(attempts, 16), options.BreakMax.Ticks));

    private static async ValueTask<Outcome<PeerAnswer>> TryAsync<TState>(
        Func<TState, CancellationToken, ValueTask<PeerAnswer>> call, TState state, CancellationToken token)
    {
        try
        {
            return Outcome.FromResult(await call(state, token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<PeerAnswer>(exception);
        }
    }
}
