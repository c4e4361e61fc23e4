namespace Ambry.Tests.Network;

/// <summary>Holds the requests of a kit's service until a test lets them through.</summary>
internal sealed class RequestGate : IDisposable
{
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Func<object, bool> _passes = _ => false;
    private int _entered;

    public RequestGate(NetworkKit kit)
    {
        kit.Service.Gate = EnterAsync;
    }

    public int Entered => Volatile.Read(ref _entered);

    public Task EnteredAsync(int count) =>
        Eventually.ShouldBeTrueAsync(() => Entered >= count, $"{count} requests arrive.");

    public void OpenFor(Func<object, bool> passes) => _passes = passes;

    public void Open() => _open.TrySetResult();

    public void Dispose() => Open();

    private Task EnterAsync(object request, CancellationToken token)
    {
        Interlocked.Increment(ref _entered);
        return _passes(request) ? Task.CompletedTask : _open.Task.WaitAsync(token);
    }
}
