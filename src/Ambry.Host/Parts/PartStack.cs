using Microsoft.Extensions.Logging;

namespace Ambry.Host.Parts;

/// <summary>
/// What a process has opened, in order, and the loops that drive it. Dispose stops all loops together and then closes
/// from the top down; a part that does not close is logged and leaves none of the others open. Not thread safe.
/// </summary>
internal sealed class PartStack(ILogger logger) : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _parts = new();
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Set when the parts begin to close.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Takes over a part that was opened after all that it stands on.</summary>
    public T Own<T>(T part)
        where T : notnull
    {
        _parts.Push(part as IAsyncDisposable ?? new Synchronous((IDisposable)part));
        return part;
    }

    /// <summary>Drives a worker until the parts close.</summary>
    public void Drive(
        string name, Func<CancellationToken, ValueTask<int>> runOnce, LoopPace pace, TimeProvider time, ILogger log) =>
        Own(new BackgroundLoop(name, runOnce, pace, time, log, _stopping.Token));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        while (_parts.TryPop(out var part))
        {
            try
            {
                await part.DisposeAsync();
            }
            catch (Exception fault)
            {
                // What is below holds the lock of the folder. Nothing is lost: the next start replays the log.
                Log.PartNotClosed(logger, fault);
            }
        }

        _stopping.Dispose();
    }

    private sealed class Synchronous(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
