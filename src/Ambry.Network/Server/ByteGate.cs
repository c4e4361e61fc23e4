using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// A bound on bytes held at once. Who finds no room waits in line, first come first served, so that large ones are not
/// overtaken for ever. Thread safe; state guarded by <c>_gate</c>.
/// </summary>
internal sealed class ByteGate(long capacity)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<(TaskCompletionSource Turn, long Bytes)> _waiting = new();
    private long _held;

    public long Held
    {
        get
        {
            lock (_gate)
            {
                return _held;
            }
        }
    }

    /// <summary>Takes room, more than all of it counting as all of it. Completes at once when there is room.</summary>
    public async ValueTask TakeAsync(long bytes, CancellationToken token)
    {
        LinkedListNode<(TaskCompletionSource Turn, long Bytes)> node;
        lock (_gate)
        {
            bytes = Math.Min(bytes, capacity);
            if (_waiting.Count == 0 && _held + bytes <= capacity)
            {
                _held += bytes;
                return;
            }

            node = _waiting.AddLast((new(TaskCreationOptions.RunContinuationsAsynchronously), bytes));
        }

        using (token.UnsafeRegister(_ => Abandon(node, token), null))
        {
            await node.Value.Turn.Task.ConfigureAwait(false);
        }
    }

    public void Return(long bytes)
    {
        List<TaskCompletionSource> next = [];
        lock (_gate)
        {
            _held -= Math.Min(bytes, capacity);
            Invariant.Check(_held >= 0);
            while (_waiting.First is { } first && _held + first.Value.Bytes <= capacity)
            {
                _waiting.Remove(first);
                _held += first.Value.Bytes;
                next.Add(first.Value.Turn);
            }
        }

        next.ForEach(turn => turn.SetResult());
    }

    private void Abandon(LinkedListNode<(TaskCompletionSource Turn, long Bytes)> node, CancellationToken token)
    {
        lock (_gate)
        {
            if (node.List is null)
            {
                return;
            }

            _waiting.Remove(node);
        }

        node.Value.Turn.SetCanceled(token);

        // It may have stood in the way of smaller ones.
        Return(0);
    }
}
