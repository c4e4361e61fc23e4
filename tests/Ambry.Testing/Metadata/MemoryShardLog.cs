using System.Runtime.CompilerServices;
using Ambry.Metadata.Shards;

namespace Ambry.Testing.Metadata;

/// <summary>A shard's log in memory: the newest entries, and faults on demand. Thread safe.</summary>
internal sealed class MemoryShardLog : IShardLog
{
    private const int KeptEntries = 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ShardLogEntry> _entries = new();
    private long _lastIndex;
    private TaskCompletionSource? _held;

    public bool HasLease => true;

    /// <summary>When set, every append fails with it.</summary>
    public IOException? Failure { get; set; }

    /// <summary>Makes appends wait until <see cref="Release"/>.</summary>
    public void Hold() => _held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Release() => _held?.TrySetResult();

    public async ValueTask<long> AppendAsync(ReadOnlyMemory<byte> batch, CancellationToken token)
    {
        if (_held is { } held)
        {
            await held.Task;
        }

        if (Failure is { } failure)
        {
            throw failure;
        }

        lock (_gate)
        {
            _entries.Enqueue(new ShardLogEntry(++_lastIndex, batch));
            if (_entries.Count > KeptEntries)
            {
                _entries.Dequeue();
            }

            return _lastIndex;
        }
    }

    public async IAsyncEnumerable<ShardLogEntry> ReadFromAsync(
        long index, [EnumeratorCancellation] CancellationToken token)
    {
        List<ShardLogEntry> entries;
        lock (_gate)
        {
            entries = [.. _entries.Where(entry => entry.Index >= index)];
        }

        foreach (var entry in entries)
        {
            token.ThrowIfCancellationRequested();
            yield return await ValueTask.FromResult(entry);
        }
    }

    public ValueTask TruncateBelowAsync(long index, CancellationToken token)
    {
        lock (_gate)
        {
            while (_entries.TryPeek(out var oldest) && oldest.Index < index)
            {
                _entries.Dequeue();
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<long?> ReadBarrierAsync(CancellationToken token) => ValueTask.FromResult<long?>(0);
}
