using Ambry.Protocol;

namespace Ambry.Log;

/// <content>Changes of the set of segments, but for the roll: truncation, and what a rewrite asks for.</content>
public sealed partial class AppendLog
{
    public async ValueTask TruncateBelowAsync(long lsn, CancellationToken token)
    {
        Invariant.Check(!_options.IsNeverTruncated);
        await EnterChangeAsync();
        try
        {
            // A rewrite reads what it began with.
            long below = Math.Min(lsn, _rewrite?.FirstLsn ?? long.MaxValue);
            if (_hasManifest || _options.ReserveBytes > 0)
            {
                // With a reserve files are used again, so they stay until their last reader lets go; then only a
                // manifest can tell that they are not live.
                await TruncateListedAsync(below, token);
                return;
            }

            while (_segments.Live is [LiveSegment oldest, LiveSegment next, ..] && next.FirstLsn <= below)
            {
                token.ThrowIfCancellationRequested();
                // One durable deletion at a time, oldest first: a crash never leaves a gap, so a gap is damage.
                _disk.Delete(oldest.Segment.Path);
                await _disk.SyncDirectoryAsync(_folder, CancellationToken.None);
                foreach (LogSegment segment in DropBelow(next.FirstLsn))
                {
                    segment.Release();
                }
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    public async ValueTask<ILogRewrite> BeginRewriteAsync(uint segment, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        ThrowIfClosed();
        await EnterChangeAsync();
        try
        {
            if (_rewrite is not null)
            {
                throw new InvalidOperationException($"Log {_folder} is being rewritten already.");
            }

            LiveSegment first = Array.Find(_segments.Live, live => live.Number == segment)
                ?? throw Absent(new LogPosition(segment, 0));
            return first.IsTail
                ? throw new InvalidOperationException($"Segment {segment} of log {_folder} still gets records.")
                : _rewrite = new LogRewrite(this, _segments, first.FirstLsn);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>
    /// An empty segment for the copies of a rewrite. Its number is behind us for good before its file is made.
    /// </summary>
    internal async ValueTask<LogSegment> CreateTargetAsync(long firstLsn, long atLeastBytes, CancellationToken token)
    {
        ThrowIfClosed();
        await EnterChangeAsync();
        try
        {
            uint number = _nextCompacted;
            Protocol.Invariant.Check(number < uint.MaxValue);
            Volatile.Write(ref _nextCompacted, number + 1);
            // The same live set with either manifest: no harm if it is unknown which one the disk has.
            await _manifestFile.StageAsync(ManifestOf(_segments.Live), token);
            _hasManifest = true;
            await _manifestFile.PublishAsync();
            SegmentHeader header = new(
                _segments.Tail.Segment.LogId, number, Math.Max(_options.SegmentBytes, atLeastBytes), firstLsn);
            return await CreateTargetAsync(header);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async ValueTask<LogSegment> CreateTargetAsync(SegmentHeader header)
    {
        LogSegment? target = null;
        try
        {
            target = await SegmentFiles.CreateBareAsync(_disk, _folder, header, _options.Preallocate, _pool);
            return target;
        }
        finally
        {
            if (target is null)
            {
                await DiscardAsync($"{_folder}/{LogSegment.FileName(header.Number)}");
            }
        }
    }

    /// <summary>Makes a target readable by position; it must be durable, its name too.</summary>
    internal async ValueTask SealTargetAsync(LogSegment target, long endOffset)
    {
        if (_options.ReserveBytes == 0)
        {
            target.File.Truncate(endOffset);
        }

        await target.File.SyncAsync(CancellationToken.None);
        await _disk.SyncDirectoryAsync(_folder, CancellationToken.None);
        _segments.AddBeside(target);
    }

    /// <summary>Commits a rewrite; answers the sources that are not live any more.</summary>
    /// <exception cref="DiskFullException">Nothing was done.</exception>
    /// <exception cref="IOException">The outcome is unknown, the log has failed.</exception>
    internal async ValueTask<IReadOnlyList<LogSegment>> CommitRewriteAsync(
        long firstLsn, long lastLsn, LiveSegment? target)
    {
        ThrowIfClosed();
        await EnterChangeAsync();
        try
        {
            LiveSegment[] before = _segments.Live;
            ArgumentOutOfRangeException.ThrowIfLessThan(lastLsn, firstLsn);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(lastLsn, before[^1].FirstLsn);
            LiveSegment[] Change(LiveSegment[] live) => LogRewrite.Replace(live, firstLsn, lastLsn, target);
            LogManifest manifest = ManifestOf(Change(before));
            try
            {
                await _manifestFile.StageAsync(manifest, CancellationToken.None);
                await PublishCommitAsync();
            }
            catch (IOException fault) when (fault is not DiskFullException)
            {
                Poison(fault);
                throw;
            }

            _hasManifest = true;
            // The append loop may have rolled since; that added at the end.
            IReadOnlyList<LogSegment> gone = _segments.Change(Change);
            _recount = true;
            _logger.Rewritten(_folder, firstLsn, lastLsn, target?.Records ?? 0, gone.Count);
            return gone;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes segments that are not live out of the log; the last reader of each removes its file.</summary>
    internal Task ReleaseAsync(IEnumerable<LogSegment> segments)
    {
        foreach (LogSegment segment in segments)
        {
            if (_segments.RemoveBeside(segment))
            {
                segment.Retire(Discard);
            }
        }

        return WhenDiscardedAsync();
    }

    /// <summary>Begins to remove the file of a segment that nobody reads.</summary>
    internal void Discard(LogSegment segment)
    {
        Task discarding = DiscardAsync(segment.Path);
        lock (_discards)
        {
            _discards.RemoveAll(task => task.IsCompleted);
            _discards.Add(discarding);
        }
    }

    internal async ValueTask EndRewriteAsync()
    {
        await WhenDiscardedAsync();
        await EnterChangeAsync();
        _rewrite = null;
        _changing.Release();
    }

    private async ValueTask TruncateListedAsync(long below, CancellationToken token)
    {
        LiveSegment[] live = _segments.Live;
        LiveSegment? first = Array.Find(live, one => one.IsTail || one.LastLsn >= below);
        if (first is null || first == live[0])
        {
            return;
        }

        // The manifest first: a listed segment that is missing is damage.
        await _manifestFile.StageAsync(ManifestOf(live[Array.IndexOf(live, first)..]), token);
        await _manifestFile.PublishAsync();
        foreach (LogSegment segment in DropBelow(first.FirstLsn))
        {
            segment.Retire(Discard);
        }

        await WhenDiscardedAsync();
    }

    /// <summary>Takes out every segment that ends below an LSN; the holds on them are the caller's.</summary>
    private IReadOnlyList<LogSegment> DropBelow(long lsn)
    {
        // Before they leave the set: a reader behind them must not go on with what follows.
        Volatile.Write(ref _truncatedBelow, lsn);
        IReadOnlyList<LogSegment> gone = _segments.Change(
            live => [.. live.Where(one => one.IsTail || one.LastLsn >= lsn)]);
        foreach (LogSegment segment in gone)
        {
            _segments.RemoveBeside(segment);
        }

        _recount = true;
        return gone;
    }

    /// <summary>A full disk here is a fault like any other: which manifest is in force is not known.</summary>
    private async ValueTask PublishCommitAsync()
    {
        try
        {
            await _manifestFile.PublishAsync();
        }
        catch (DiskFullException full)
        {
            throw new IOException(full.Message, full);
        }
    }

    private LogManifest ManifestOf(LiveSegment[] live) => LogManifest.Of(live[^1].Segment.LogId, _nextCompacted, live);

    // Waits without the token: a cancelled semaphore wait would complete off the simulator's thread.
    private Task EnterChangeAsync() => _changing.WaitAsync();

    /// <summary>Removes a dead file; failing costs its space until the next opening.</summary>
    private async Task DiscardAsync(string path)
    {
        try
        {
            await _disk.CallAsync(disk =>
            {
                if (_closed || !_pool.TryReturn(disk, path, _segments.Live.Length))
                {
                    disk.Delete(path);
                }
            });
        }
        catch (IOException fault)
        {
            _logger.NotDeleted(fault, path);
        }
    }

    private Task WhenDiscardedAsync()
    {
        lock (_discards)
        {
            return Task.WhenAll(_discards);
        }
    }
}
