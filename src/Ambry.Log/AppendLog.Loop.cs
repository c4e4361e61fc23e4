namespace Ambry.Log;

/// <content>The append loop: the only user of the writer.</content>
public sealed partial class AppendLog
{
    private async Task RunAsync()
    {
        try
        {
            while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
            {
                await ServeQueueAsync();
            }

            await _writer.CommitAsync(sync: true);
            await _writer.MarkCleanAsync();
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Fail(fault);
        }
    }

    /// <summary>Takes what is queued, up to one batch, and commits it.</summary>
    private async ValueTask ServeQueueAsync()
    {
        if (_fault is { } fault)
        {
            // Found outside the loop: it may answer nobody any more.
            throw new IOException(fault.Message, fault);
        }

        if (_recount)
        {
            _recount = false;
            _writer.Recount();
        }

        if (_gathersMore)
        {
            // Those that the last sync answered run now and append again, so that the next sync takes all of them: with
            // 32 writers 32 records a sync instead of 24.
            await Task.Yield();
        }

        while (!BatchIsFull() && _queue.Reader.TryRead(out PendingAppend? append))
        {
            if (append == PendingAppend.Nudge)
            {
                continue;
            }

            if (append.IsSync)
            {
                _syncs.Add(append);
                continue;
            }

            // In the batch from the start, so that a failure of the roll reaches it too.
            _batch.Add(append);
            if (!_writer.FitsCapacity(append.SizeBytes))
            {
                Refuse(append, null);
            }
            else if (_writer.FitsTail(append.SizeBytes) || await RollAsync(append))
            {
                _writer.Gather(append);
            }
        }

        await CommitAsync(_options.Mode != DurabilityMode.Interval || _flushDue || _syncs.Count > 0);
    }

    private bool BatchIsFull() =>
        (_options.Mode == DurabilityMode.Each && _writer.Gathered > 0)
        || _writer.Gathered >= LogWriter.MaxBatchRecords
        || _syncs.Count >= LogWriter.MaxBatchRecords
        || _writer.GatheredBytes >= _options.MaxBatchBytes;

    /// <summary>Commits what is gathered and starts a new segment; false when the disk has no room for one.</summary>
    private async ValueTask<bool> RollAsync(PendingAppend append)
    {
        _batch.RemoveAt(_batch.Count - 1);
        try
        {
            await CommitAsync(sync: true);
        }
        finally
        {
            _batch.Add(append);
        }

        try
        {
            ThrowIfNoHeadroom(append);
            await _writer.RollAsync();
            Volatile.Write(ref _usedTailBytes, _writer.TailBytes);
            return true;
        }
        catch (DiskFullException full)
        {
            Refuse(append, full);
            return false;
        }
    }

    private void ThrowIfNoHeadroom(PendingAppend append)
    {
        if (_options.HeadroomBytes > 0 && append.Lengths.Part3 > 0)
        {
            _disk.RequireFree(_options.SegmentBytes + _options.HeadroomBytes);
        }
    }

    private void Refuse(PendingAppend append, Exception? cause)
    {
        _batch.Remove(append);
        Interlocked.Decrement(ref _unanswered);
        append.SetException(new LogFullException($"Log {_folder} on {_disk.Name} is full.", cause));
    }

    /// <summary>
    /// Writes and, if asked, syncs what is gathered; then observers in LSN order; then the appenders; then those who
    /// wait for the sync.
    /// </summary>
    private async ValueTask CommitAsync(bool sync)
    {
        _flushDue &= !sync;
        await _writer.CommitAsync(sync);

        _unsynced = !sync && (_unsynced || _batch.Count > 0);
        if (_batch.Count > 0)
        {
            Publish();
        }

        if (sync)
        {
            PublishSynced();
            _syncs.ForEach(waiting => waiting.SetResult(default));
            _syncs.Clear();
        }
    }

    /// <summary>Tells of what is committed: readers, observers, appenders.</summary>
    private void Publish()
    {
        Volatile.Write(ref _usedTailBytes, _writer.TailBytes);
        Volatile.Write(ref _durableLsn, _batch[^1].Header.Lsn);
        foreach (PendingAppend append in _batch)
        {
            append.Record.Durable?.OnDurable(append.Header, append.Position);
        }

        PublishSynced();
        Interlocked.Add(ref _unanswered, -_batch.Count);
        _gathersMore = _batch.Count > 1 && _options.Mode == DurabilityMode.Group;
        foreach (PendingAppend append in _batch)
        {
            append.SetResult(new AppendedRecord(append.Header.Lsn, append.Position));
        }

        _batch.Clear();
    }

    /// <summary>After the observers: whoever sees the LSN finds its record in what they keep.</summary>
    private void PublishSynced() => Volatile.Write(ref _syncedLsn, _writer.SyncedLsn);

    /// <summary>Fails the log from outside the loop, which does the rest when it wakes.</summary>
    private void Poison(Exception fault)
    {
        _fault = fault;
        // A full queue keeps the loop awake anyway.
        _queue.Writer.TryWrite(PendingAppend.Nudge);
    }

    /// <summary>What the disk holds is unknown now: fails everything waiting and everything to come.</summary>
    private void Fail(Exception fault)
    {
        _fault ??= fault;
        _logger.Failed(_fault, _folder, _disk.Name);
        _queue.Writer.TryComplete();
        foreach (PendingAppend append in _batch.Concat(_syncs))
        {
            append.TrySetException(Poisoned(fault));
        }

        _batch.Clear();
        _syncs.Clear();
        while (_queue.Reader.TryRead(out PendingAppend? append))
        {
            if (append != PendingAppend.Nudge)
            {
                append.SetException(Poisoned(fault));
            }
        }
    }
}
