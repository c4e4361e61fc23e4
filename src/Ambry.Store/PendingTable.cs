using Ambry.Protocol;

namespace Ambry.Store;

/// <summary>
/// Lets one change of a blob run at a time; changes of different blobs run together. At most one entry for each change
/// in flight. Guarded by <c>_gate</c>.
/// </summary>
internal sealed class PendingTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BlobId, TaskCompletionSource> _pending = [];

    /// <summary>Waits until nobody changes the blob, then holds it until <see cref="Exit"/>.</summary>
    public async ValueTask EnterAsync(BlobId id)
    {
        while (true)
        {
            Task other;
            lock (_gate)
            {
                if (!_pending.TryGetValue(id, out TaskCompletionSource? holder))
                {
                    _pending.Add(id, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
                    return;
                }

                other = holder.Task;
            }

            await other;
        }
    }

    public void Exit(BlobId id)
    {
        TaskCompletionSource? holder;
        lock (_gate)
        {
            Invariant.Check(_pending.Remove(id, out holder));
        }

        holder.SetResult();
    }
}
