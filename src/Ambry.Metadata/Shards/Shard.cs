using System.Threading.Channels;
using Ambry.Log;
using Ambry.Metadata.Commands;
using Ambry.Metadata.State;
using Microsoft.Extensions.Logging;

namespace Ambry.Metadata.Shards;

/// <summary>
/// One shard: a bounded queue of commands, and one loop that takes many of them into a log entry, waits until it is
/// durable, applies it and answers. While one entry is on its way the next collects: that is the group commit. Thread
/// safe; the machine belongs to the loop.
/// </summary>
internal sealed class Shard : IAsyncDisposable
{
    private readonly Channel<Pending> _queue;
    private readonly List<Pending> _batch = [];
    private readonly IShardLog _log;
    private readonly ShardMachine _machine;
    private readonly ShardLimits _limits;
    private readonly ILogger _logger;
    private Task _loop = Task.CompletedTask;
    private int _queuedBytes;
    private bool _isLogFull;
    private bool _isAbandoned;
    private volatile bool _isOpen;

    public Shard(
        int number, IShardState state, IShardLog log, BucketCatalog buckets, ShardLimits limits, ILogger logger)
    {
        Number = number;
        State = state;
        _log = log;
        _limits = limits;
        _logger = logger;
        _machine = new ShardMachine(state, buckets);
        _queue = Channel.CreateBounded<Pending>(
            new BoundedChannelOptions(limits.QueueCommands) { SingleReader = true });
    }

    public int Number { get; }

    public IShardState State { get; }

    /// <summary>Started, not stopped, and its log and state have not failed.</summary>
    public bool IsOpen => _isOpen && !State.HasFailed;

    /// <summary>Applies an entry that was read back from the log; before <see cref="Start"/> only.</summary>
    public async ValueTask ReplayAsync(ShardLogEntry entry, CancellationToken token)
    {
        if (_isAbandoned || entry.Index <= State.AppliedIndex)
        {
            return;
        }

        // Without room too: the entry was answered, and as much was in memory before the stop.
        await State.WaitForRoomAsync(token);
        await _machine.ApplyAsync(entry.Index, entry.Batch, token);
    }

    /// <summary>Gives up a shard that cannot be brought up to date: it will answer nothing.</summary>
    public void Abandon(Exception cause)
    {
        _isAbandoned = true;
        _queue.Writer.TryComplete();
        Log.ShardFailed(_logger, cause, Number);
    }

    public void Start()
    {
        if (_isAbandoned)
        {
            return;
        }

        _isOpen = true;
        _loop = RunAsync();
    }

    /// <summary>
    /// Hands a command in and waits for its outcome. Cancelling counts only until the command is taken into an entry:
    /// from then on its effect is certain to be known.
    /// </summary>
    public async ValueTask<CommandOutcome> SubmitAsync(ReadOnlyMemory<byte> command, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ArgumentOutOfRangeException.ThrowIfGreaterThan(command.Length, _limits.CommandBytes, nameof(command));
        var pending = new Pending(command, token);
        if (!IsOpen)
        {
            return new CommandOutcome(MetadataError.Unavailable);
        }

        int queued = Interlocked.Add(ref _queuedBytes, command.Length);
        bool fits = queued <= _limits.QueueBytes || queued == command.Length;
        if (!fits || !_queue.Writer.TryWrite(pending))
        {
            Interlocked.Add(ref _queuedBytes, -command.Length);
            return new CommandOutcome(_isOpen ? MetadataError.Busy : MetadataError.Unavailable);
        }

        return await pending.Completion.Task;
    }

    /// <summary>As <see cref="SubmitAsync"/>, but waits for room in a full queue: for steps that must not stop
    /// half-way.</summary>
    public async ValueTask<CommandOutcome> SubmitPatientlyAsync(ReadOnlyMemory<byte> command)
    {
        var pending = new Pending(command, CancellationToken.None);
        Interlocked.Add(ref _queuedBytes, command.Length);
        try
        {
            await _queue.Writer.WriteAsync(pending, CancellationToken.None);
        }
        catch (ChannelClosedException)
        {
            return new CommandOutcome(MetadataError.Unavailable);
        }

        return await pending.Completion.Task;
    }

    /// <summary>
    /// Appends an entry without commands, so that the folded index of a shard that nobody writes to follows the log and
    /// the log can be cut.
    /// </summary>
    public async ValueTask NudgeAsync() => await SubmitPatientlyAsync(ReadOnlyMemory<byte>.Empty);

    /// <summary>Whether the state may be read now so that every answered change is seen.</summary>
    public async ValueTask<bool> CanReadAsync(CancellationToken token)
    {
        if (!IsOpen)
        {
            return false;
        }

        return _log.HasLease || await _log.ReadBarrierAsync(token) is { } index && State.AppliedIndex >= index;
    }

    /// <summary>Tells the log what the state keeps by itself.</summary>
    public ValueTask TruncateLogAsync(CancellationToken token) => _log.TruncateBelowAsync(State.FoldedIndex + 1, token);

    /// <summary>Answers what is queued, then stops the loop and closes the state.</summary>
    public async ValueTask DisposeAsync()
    {
        _isOpen = false;
        _queue.Writer.TryComplete();
        await _loop;
        await State.DisposeAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                TakeBatch();
                await CommitAsync();
                _batch.Clear();
            }
        }
        catch (Exception failure)
        {
            // Nothing cancels the loop, so this is a failed log, a failed state or a broken invariant: the shard stops
            // for good.
            Log.ShardFailed(_logger, failure, Number);
            Stop();
        }
    }

    private void TakeBatch()
    {
        int bytes = 0;
        while (_batch.Count < _limits.BatchCommands && _queue.Reader.TryPeek(out var next))
        {
            if (_batch.Count > 0 && bytes + next.Command.Length > _limits.BatchBytes)
            {
                return;
            }

            _queue.Reader.TryRead(out _);
            Interlocked.Add(ref _queuedBytes, -next.Command.Length);
            if (next.Token.IsCancellationRequested)
            {
                next.Completion.TrySetCanceled(next.Token);
                continue;
            }

            bytes += next.Command.Length;
            _batch.Add(next);
        }
    }

    private async ValueTask CommitAsync()
    {
        if (_batch.Count == 0)
        {
            return;
        }

        ReadOnlyMemory<byte>[] commands = [.. _batch.Where(p => !p.Command.IsEmpty).Select(p => p.Command)];
        if (commands.Length > 0
            && await State.WaitForRoomAsync(CancellationToken.None) is var refusal and not MetadataError.None)
        {
            AnswerAll(refusal);
            return;
        }

        byte[] entry = BatchCodec.Encode(commands);
        if (await TryAppendAsync(entry) is not { } index)
        {
            AnswerAll(MetadataError.Full);
            return;
        }

        var outcomes = await _machine.ApplyAsync(index, entry, CancellationToken.None);
        int next = 0;
        foreach (var pending in _batch)
        {
            pending.Completion.TrySetResult(pending.Command.IsEmpty ? CommandOutcome.Done : outcomes[next++]);
        }
    }

    /// <summary>
    /// The entry's index; null when the log has no room, which it says before it writes anything. Every other fault of
    /// the log leaves the outcome unknown and is the loop's.
    /// </summary>
    private async ValueTask<long?> TryAppendAsync(byte[] entry)
    {
        try
        {
            long index = await _log.AppendAsync(entry, CancellationToken.None);
            if (_isLogFull)
            {
                _isLogFull = false;
                Log.LogHasRoom(_logger, Number);
            }

            return index;
        }
        catch (LogFullException full)
        {
            if (!_isLogFull)
            {
                _isLogFull = true;
                Log.LogFull(_logger, full, Number);
            }

            return null;
        }
    }

    private void AnswerAll(MetadataError error)
    {
        foreach (var pending in _batch)
        {
            pending.Completion.TrySetResult(new CommandOutcome(error));
        }
    }

    private void Stop()
    {
        _isOpen = false;
        _queue.Writer.TryComplete();
        while (_queue.Reader.TryRead(out var pending))
        {
            _batch.Add(pending);
        }

        AnswerAll(MetadataError.Unavailable);
        _batch.Clear();
    }

    /// <summary>A command on its way; an empty one only moves the shard's index forward.</summary>
    private sealed record Pending(ReadOnlyMemory<byte> Command, CancellationToken Token)
    {
        public TaskCompletionSource<CommandOutcome> Completion { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
