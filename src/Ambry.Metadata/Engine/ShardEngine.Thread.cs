using Ambry.Log;

namespace Ambry.Metadata.Engine;

/// <summary>What runs on the engine's thread: fetching reads, folding, and getting over faults.</summary>
internal sealed partial class ShardEngine
{
    /// <summary>A little folding, or the start or end of a commit. Returns whether to be called again soon.</summary>
    private bool BackgroundStep()
    {
        try
        {
            if (_disposed || Volatile.Read(ref _failure) is not null)
            {
                return false;
            }

            if (_commit is not null)
            {
                return _commit.IsCompleted && FinishCommit();
            }

            return !IsPaused() && FoldStep();
        }
        catch (Exception fault)
        {
            // The top of the thread's loop.
            Recover(fault);
            return true;
        }
    }

    private bool FoldStep()
    {
        _fold ??= TryStartFold();
        if (_fold is null)
        {
            return false;
        }

        // A sealed redo file that found no room in the data file: all that is left is to copy it.
        if (!_pages.IsSealed)
        {
            Install(_fold.Step(_view.Directory));
            if (!_fold.IsMerged)
            {
                _store.CheckpointAbove(_options.CheckpointLogBytes);
                return true;
            }

            _store.Checkpoint();
        }

        StartCommit();
        return false;
    }

    /// <summary>
    /// Freezes the active overlay when there is a reason to, or takes up a generation that a reopening interrupted.
    /// </summary>
    private FoldRun? TryStartFold()
    {
        lock (_gate)
        {
            if (_view.FrozenIndex <= _foldedIndex)
            {
                var due = _foldRequested || _view.Active.Count >= _options.FoldEntries
                    || _view.Active.MemoryBytes >= _options.FoldBytes;
                if (!due || _view.AppliedIndex <= _foldedIndex)
                {
                    _foldRequested = false;
                    return null;
                }

                _foldRequested = false;
                Volatile.Write(ref _view, _view with
                {
                    Active = Overlay.Empty,
                    Frozen = _view.Active,
                    FrozenIndex = _view.AppliedIndex,
                });
            }

            return new FoldRun(_store, _view.Frozen, _view.FrozenIndex, _options);
        }
    }

    private void Install(FoldStep step)
    {
        var wasCached = step.Replaced.Where(_cache.Replace).ToHashSet();
        foreach (var written in step.Written)
        {
            if (written.Replaces is { } old && wasCached.Contains(old))
            {
                _cache.Add(written.Leaf, PackedRun.Decode(written.Payload, RunKind.Leaf, written.Leaf.Id));
            }
        }

        lock (_gate)
        {
            Volatile.Write(ref _view, _view with { Directory = step.Directory });
        }
    }

    /// <summary>
    /// The commit's disk work runs off this thread, which goes on reading; it stages nothing until the commit has
    /// finished.
    /// </summary>
    private void StartCommit()
    {
        _commit = Task.Run(CommitAsync);
        _ = _commit.ContinueWith(
            _ => _thread.SignalStep(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>The log first: the files may never hold an index that the log could still lose.</summary>
    private async Task CommitAsync()
    {
        await _log.SyncAsync(CancellationToken.None).ConfigureAwait(false);
        await _pages.CommitAsync(CancellationToken.None).ConfigureAwait(false);
    }

    private bool FinishCommit()
    {
        var commit = _commit!;
        _commit = null;
        if (!commit.IsCompletedSuccessfully && WaitForCommit(commit) is { } full)
        {
            if (!_pages.IsSealed)
            {
                Reopen();
            }

            PutOff(full);
            return false;
        }

        _pages.FinishCommit();
        _reopened = false;
        EngineLog.Folded(_logger, _files.Name, _fold!.Index, _view.Frozen.Count);
        FinishFold(_fold.Index);
        _fold = null;
        return true;
    }

    /// <summary>
    /// A commit that fails may have left the data file half changed: only opening anew, which applies the sealed redo
    /// file, makes it whole. So it never counts as a fault to reopen for, unless the disk was full where that is
    /// certain to have changed nothing, or may be gone through again: then the fault is returned.
    /// </summary>
    private Exception? WaitForCommit(Task commit)
    {
        try
        {
            BlockingIo.Wait(new ValueTask(commit));
            return null;
        }
        catch (Exception full) when (IsFull(full) && _pages.MayCommitAgain)
        {
            return full;
        }
        catch (Exception fault)
        {
            // Of whatever kind, handed on as one that is not reopened for; the top of the loop logs it.
            throw new IOException("The commit of a fold failed.", fault);
        }
    }

    private void FinishFold(long index)
    {
        List<Waiter> folded;
        TaskCompletionSource room;
        bool more;
        bool wasPutOff;
        lock (_gate)
        {
            Interlocked.Exchange(ref _foldedIndex, index);
            Volatile.Write(ref _view, _view with { Frozen = Overlay.Empty });
            folded = _foldWaiters.FindAll(waiter => waiter.Index <= index);
            _foldWaiters.RemoveAll(waiter => waiter.Index <= index);
            more = _foldWaiters.Count > 0;
            _foldRequested |= more;
            wasPutOff = _putOffFor is not null;
            _putOffFor = null;
            room = _room;
            _room = NewSignal();
        }

        if (wasPutOff)
        {
            EngineLog.FoldResumed(_logger, _files.Name, index);
        }

        room.TrySetResult();
        folded.ForEach(waiter => waiter.Signal.TrySetResult());
    }

    private ReadOnlyMemory<byte>? GetHere(ReadOnlyMemory<byte> key)
    {
        ShardReader.TryGet(_view, key, Fetch, out var value);
        return value;
    }

    private IReadOnlyList<ShardItem> ScanHere(ScanRange range)
    {
        ShardReader.TryScan(_view, range, Fetch, out var items);
        return items;
    }

    private PackedRun Fetch(LeafRef leaf)
    {
        if (leaf.Cached is { } cached)
        {
            return cached;
        }

        var run = _store.LoadLeaf(leaf.Id);
        leaf.Filter ??= LeafFilter.Of(run);
        _cache.Add(leaf, run);
        return run;
    }

    /// <summary>Runs a read, and once again over the reopened file when LiteDB fails it.</summary>
    private T Guarded<T>(Func<T> read)
    {
        while (true)
        {
            ThrowIfFailed();
            try
            {
                return read();
            }
            catch (Exception fault) when (IsDamaged && IsDamage(fault))
            {
                // The reader's to bear: what the damage can do to LiteDB is got over, the rest of the leaves is served.
                if (fault is not CorruptRecordException)
                {
                    _reopened = false;
                    Recover(fault);
                }

                throw new CorruptRecordException($"Shard {_files.Name} is damaged here: {fault.Message}");
            }
            catch (Exception fault)
            {
                // The top of the thread's loop.
                Recover(fault);
            }
        }
    }

    /// <summary>
    /// Reopens at the last commit, once until the next one succeeds: both overlays are still here, so nothing needs
    /// replaying. A second fault, a damaged leaf that is still damaged, or a failed commit (after which the device's
    /// word is worth nothing) stops the shard.
    /// </summary>
    private void Recover(Exception fault)
    {
        try
        {
            bool isForeseen = IsFull(fault) || (IsDamaged && IsDamage(fault));
            if (_commit is null && _pages.IsStaging && isForeseen)
            {
                Reopen();
                PutOff(fault);
                return;
            }

            if (_reopened || (fault is IOException and not CorruptRecordException))
            {
                Fail(fault);
                return;
            }

            EngineLog.Reopening(_logger, _files.Name, FoldedIndex, fault);
            if (_commit is not null)
            {
                FinishCommit();
            }

            // What is sealed must reach the data file before anything else is believed: opening does that.
            if (_pages.IsSealed)
            {
                Fail(fault);
                return;
            }

            _reopened = true;
            Reopen();
        }
        catch (Exception again)
        {
            // Still the loop's top: reopening is part of handling the fault.
            Fail(again);
        }
    }

    /// <summary>Forgets what is staged and opens LiteDB over the last commit.</summary>
    private void Reopen()
    {
        CloseLite();
        _fold = null;
        _cache.Clear();
        _pages.Discard();
        _store = LeafStore.Open(_pages, out var directory);
        lock (_gate)
        {
            Volatile.Write(ref _view, _view with { Directory = directory });
        }
    }

    private void Fail(Exception fault)
    {
        EngineLog.Failed(_logger, _files.Name, fault);
        var failure = new ShardFailedException($"Shard {_files.Name} has failed.", fault);
        List<Waiter> waiters;
        TaskCompletionSource room;
        lock (_gate)
        {
            Volatile.Write(ref _failure, failure);
            waiters = [.. _foldWaiters];
            _foldWaiters.Clear();
            room = _room;
        }

        room.TrySetResult();
        waiters.ForEach(waiter => waiter.Signal.TrySetException(failure));
        if (fault is CorruptRecordException)
        {
            Condemn();
        }
    }

    private void Condemn()
    {
        try
        {
            BlockingIo.Wait(_files.CondemnAsync(CancellationToken.None));
        }
        catch (IOException fault)
        {
            // The next opening meets the damage again, at the same leaf.
            EngineLog.CloseFault(_logger, _files.Name, fault);
        }
    }

    private bool CloseStore()
    {
        CloseLite();
        _pages.Dispose();
        return true;
    }

    private void CloseLite()
    {
        try
        {
            _store.Dispose();
        }
        catch (Exception fault)
        {
            // LiteDB collects what went wrong while it stopped; there is nothing of value in it to save.
            EngineLog.CloseFault(_logger, _files.Name, fault);
        }
    }
}
