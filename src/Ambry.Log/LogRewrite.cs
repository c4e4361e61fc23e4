namespace Ambry.Log;

/// <summary>
/// One rewrite of an open log. The target is made with the first copy, so that dropping everything needs no space. One
/// user at a time; the log lets only one exist.
/// </summary>
internal sealed class LogRewrite(AppendLog log, LogSegmentSet segments, long firstLsn) : ILogRewrite
{
    // Reads and writes of this size keep a hard disk from seeking for most of its time.
    private const int BlockBytes = 1024 * 1024;

    private readonly RewriteTarget _target = new(BlockBytes);
    private IReadOnlyList<LogSegment> _released = [];
    private LiveSegment? _source;
    private SegmentReader? _reader;
    private long _lastLsn = firstLsn - 1;
    private Step _step = Step.Copying;
    private bool _isInSet;

    private enum Step
    {
        Copying,
        Sealed,
        Committed,
        Released,

        /// <summary>The target is of no use.</summary>
        Failed,

        /// <summary>Whether the commit took place is known only when the log is opened anew.</summary>
        Unknown,
        Disposed,
    }

    public long FirstLsn => firstLsn;

    public async ValueTask<RewrittenRecord?> TryCopyAsync(LogPosition source, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Expect(Step.Copying);
        (LiveSegment live, SegmentReader reader) = OpenSource(source.Segment);
        LogRecordHeader header = await ReadHeaderAsync(live, reader, source, token);
        int size = (int)RecordCodec.SizeOf(header.Lengths);
        if (_target.Segment is null)
        {
            _target.Start(await log.CreateTargetAsync(firstLsn, live.Segment.SizeBytes, token));
        }

        if (!_target.Fits(size))
        {
            return null;
        }

        ReadOnlyMemory<byte> bytes = await ReadAsync(live, reader, source.Offset, size, token);
        if (bytes.Length < size)
        {
            throw live.Segment.Corrupt(source.Offset, $"the file ends within record {header.Lsn}");
        }

        bool isDamaged = !RecordCodec.PartsAreIntact(header, bytes.Span);
        // Until the target has it, for a failed write leaves the target unusable.
        _step = Step.Failed;
        uint offset = await _target.AddAsync(header, bytes);
        _step = Step.Copying;
        _lastLsn = header.Lsn;
        return new RewrittenRecord(new LogPosition(_target.Segment!.Number, offset), isDamaged);
    }

    public async ValueTask SealAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Expect(Step.Copying);
        CloseSource();
        if (_target.Segment is { } segment)
        {
            _step = Step.Failed;
            await _target.FlushAsync();
            await log.SealTargetAsync(segment, _target.EndOffset);
            _isInSet = true;
        }

        _step = Step.Sealed;
    }

    public async ValueTask CommitAsync(long lastLsn, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Expect(Step.Sealed);
        ArgumentOutOfRangeException.ThrowIfLessThan(lastLsn, _lastLsn);
        LiveSegment? target = _target.Segment is { } segment
            ? new LiveSegment(segment, firstLsn, lastLsn, _target.EndOffset, _target.Records)
            : null;
        try
        {
            _released = await log.CommitRewriteAsync(firstLsn, lastLsn, target);
            _step = Step.Committed;
        }
        catch (IOException fault) when (fault is not DiskFullException)
        {
            _step = Step.Unknown;
            throw;
        }
    }

    public async ValueTask ReleaseSourcesAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        Expect(Step.Committed);
        _step = Step.Released;
        await log.ReleaseAsync(_released);
    }

    public async ValueTask DisposeAsync()
    {
        if (_step == Step.Disposed)
        {
            return;
        }

        bool isUseless = _step is Step.Copying or Step.Sealed or Step.Failed;
        _step = Step.Disposed;
        CloseSource();
        _target.Dispose();
        if (isUseless && _target.Segment is { } segment && (!_isInSet || segments.RemoveBeside(segment)))
        {
            segment.Retire(log.Discard);
        }

        await log.EndRewriteAsync();
    }

    /// <summary>
    /// The live segments after [first..last] of them has moved to a target, or to nowhere when there is none. A segment
    /// that reaches beyond loses its head.
    /// </summary>
    public static LiveSegment[] Replace(LiveSegment[] live, long first, long last, LiveSegment? target)
    {
        List<LiveSegment> after = new(live.Length + 1);
        foreach (LiveSegment one in live)
        {
            if (one.LastLsn < first)
            {
                after.Add(one);
                continue;
            }

            if (target is not null)
            {
                after.Add(target);
                target = null;
            }

            if (one.LastLsn > last)
            {
                after.Add(one.FirstLsn > last ? one : one with { FirstLsn = last + 1 });
            }
        }

        return [.. after];
    }

    private async ValueTask<LogRecordHeader> ReadHeaderAsync(
        LiveSegment live, SegmentReader reader, LogPosition source, CancellationToken token)
    {
        ReadOnlyMemory<byte> bytes = await ReadAsync(live, reader, source.Offset, RecordCodec.HeaderBytes, token);
        if (!RecordCodec.TryRead(bytes.Span, live.Segment.Identity, source.Offset, out LogRecordHeader header, out _)
            || header.Kind == RecordCodec.MarkKind
            || source.Offset + RecordCodec.SizeOf(header.Lengths) > live.LimitOffset)
        {
            throw live.Segment.Corrupt(source.Offset, "no valid record header");
        }

        return header.Lsn > _lastLsn && header.Lsn >= live.FirstLsn && header.Lsn <= live.LastLsn
            ? header
            : throw new ArgumentException($"Record {header.Lsn} is not live, or not after record {_lastLsn}.");
    }

    /// <summary>What the device cannot read is damaged: the log goes on with the rest.</summary>
    private static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(
        LiveSegment live, SegmentReader reader, long offset, int length, CancellationToken token)
    {
        try
        {
            return await reader.ReadAsync(offset, length, token);
        }
        catch (DiskException bad) when (bad.Fault == DiskFault.Device)
        {
            throw live.Segment.Corrupt(offset, $"the device cannot read it: {bad.Message}");
        }
    }

    private (LiveSegment Live, SegmentReader Reader) OpenSource(uint number)
    {
        if (_source is { } current && current.Number == number)
        {
            return (current, _reader!);
        }

        LiveSegment next = Array.Find(segments.Live, live => live.Number == number)
            ?? throw new SegmentGoneException($"No live segment has the number {number}.");
        if (next.IsTail || next.LastLsn < firstLsn)
        {
            throw new ArgumentException($"Segment {number} gets records still, or lies before the rewrite.");
        }

        // Nothing else takes segments from here on out of the log while this rewrite goes on, but closing it.
        ObjectDisposedException.ThrowIf(!next.Segment.TryAcquire(), log);
        CloseSource();
        (_source, _reader) = (next, new SegmentReader(next.Segment.File, BlockBytes));
        return (next, _reader);
    }

    private void CloseSource()
    {
        _reader?.Dispose();
        _source?.Segment.Release();
        (_reader, _source) = (null, null);
    }

    private void Expect(Step step)
    {
        ObjectDisposedException.ThrowIf(_step == Step.Disposed, this);
        if (_step != step)
        {
            throw new InvalidOperationException($"The rewrite is {_step}, not {step}.");
        }
    }
}
