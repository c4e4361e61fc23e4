using Microsoft.Extensions.Logging;

namespace Ambry.Log;

/// <summary>What opening found: the live segments, of which the last is the tail.</summary>
/// <param name="NextCompacted">The number of the next segment a rewrite makes.</param>
internal sealed record RecoveredLog(
    Guid LogId,
    LiveSegment[] Segments,
    LogManifest? Manifest,
    uint NextCompacted,
    SegmentPool Pool,
    long TailOffset,
    long LastLsn)
{
    public LogSegment Tail => Segments[^1].Segment;
}

/// <summary>
/// Finds the end of a log by content alone and makes it safe to append there. Only the newest segment can have an
/// unsynced tail, since each is synced before the next is created. In it, a bad record may be a torn write or damage; a
/// later record that was written when the bad one was durable already proves damage. Without such a proof nothing from
/// the bad record on was ever acknowledged as durable, and it is cut.
/// </summary>
/// <remarks>
/// A record that can be read need not be on the disk, nor get there by a sync: after a failed one the system keeps what
/// was written in its cache and takes it for clean. So what no record, mark or hint proves durable is written again.
/// </remarks>
internal sealed class LogRecovery(
    IDisk disk, string folder, AppendLogOptions options, LogRecoveryHint? hint, ILogger logger)
{
    private const int BlockBytes = 1024 * 1024;

    public async ValueTask<RecoveredLog> RunAsync(CancellationToken token)
    {
        var segments = new SegmentRecovery(disk, folder, options.IsNeverTruncated, logger);
        bool done = false;
        try
        {
            LogManifest? manifest = await segments.RunAsync(token);
            bool isNew = segments.Count == 0;
            if (isNew)
            {
                segments.Add(await StartAsync(token));
            }

            LiveSegment[] live = segments.Live();
            if (await new RecordEraser(disk, folder).RedoAsync(live, token) is var erased and > 0)
            {
                logger.ErasedAgain(folder, erased);
            }

            (long end, long last) = await RecoverTailAsync(live[^1].Segment, isNew, token);
            var pool = new SegmentPool(disk, folder, options);
            await pool.FillAsync(live);
            done = true;
            logger.Opened(folder, live.Length, live[0].FirstLsn, last);
            return new RecoveredLog(live[^1].Segment.LogId, live, manifest, segments.NextCompacted, pool, end, last);
        }
        finally
        {
            if (!done)
            {
                segments.ReleaseAll();
            }
        }
    }

    private async ValueTask<LogSegment> StartAsync(CancellationToken token)
    {
        disk.CreateDirectory(folder);
        // The folder's own name is durable once its parents are synced.
        for (int cut = folder.LastIndexOf('/'); cut > 0; cut = folder.LastIndexOf('/', cut - 1))
        {
            await disk.SyncDirectoryAsync(folder[..cut], token);
        }

        await disk.SyncDirectoryAsync("", token);
        SegmentHeader header = new(options.Ids.NextId(), 0, options.SegmentBytes, 1);
        return await SegmentFiles.CreateAsync(disk, folder, header, options.Preallocate, null, token);
    }

    private async ValueTask<(long End, long LastLsn)> RecoverTailAsync(
        LogSegment tail, bool isNew, CancellationToken token)
    {
        TailStart start = StartOf(tail);
        TailScan scan = await ScanAsync(tail, start, token);
        (long end, long last) = (scan.End, scan.LastLsn);
        // Before anything is cut: a damaged log is left as it is for whoever repairs it.
        CheckHint(tail, end, last);
        long zerosFrom = await CheckForDamageAsync(tail, end, last + 1, token);
        bool marked = await IsMarkedAsync(tail, end, last + 1, token);
        long keep = marked ? end + RecordCodec.HeaderBytes : end;
        if (zerosFrom > keep)
        {
            // Records of the lost tail must not come back to life behind the records that take its place.
            logger.TailCut(tail.Path, end, zerosFrom - end, last);
            tail.File.Truncate(keep);
            ReserveAgain(tail);
        }

        if (!marked && !isNew)
        {
            await RewriteAsync(tail, start, scan, token);
        }

        // A killed process synced nothing of what it wrote last; from here on it counts as durable.
        await tail.File.SyncAsync(token);
        await disk.SyncDirectoryAsync(folder, token);
        return (end, last);
    }

    /// <summary>The space is a comfort, not a promise: without it appends may meet the full disk themselves.</summary>
    private void ReserveAgain(LogSegment tail)
    {
        if (!options.Preallocate)
        {
            return;
        }

        try
        {
            tail.File.Preallocate(tail.SizeBytes);
        }
        catch (DiskFullException full)
        {
            logger.NotReserved(full, tail.Path);
        }
    }

    /// <summary>
    /// Writes what is not proven durable over itself: the segment's header and the records from the first unproven one
    /// on, or from a few before it.
    /// </summary>
    private static async ValueTask RewriteAsync(
        LogSegment tail, TailStart start, TailScan scan, CancellationToken token)
    {
        await CopyInPlaceAsync(tail, 0, SegmentHeader.Bytes, token);
        SegmentCursor near = tail.Nearest(scan.ProvenLsn + 1);
        TailStart from = near.Lsn > start.Lsn ? new TailStart(near.Lsn, near.Offset) : start;
        await CopyInPlaceAsync(tail, from.Offset, scan.End, token);

        // The system may have dropped a record from its cache after the scan; then the disk's bytes were copied. What
        // has been written now stays until the sync.
        TailScan again = await ScanAsync(tail, from, token);
        if (again.End != scan.End || again.LastLsn != scan.LastLsn)
        {
            throw new IOException(
                $"Segment {tail.Path} changed while it was read: record {again.LastLsn + 1} is not on the disk.");
        }
    }

    private static async ValueTask CopyInPlaceAsync(LogSegment tail, long from, long to, CancellationToken token)
    {
        using var reader = new SegmentReader(tail.File, BlockBytes);
        while (from < to)
        {
            ReadOnlyMemory<byte> block = await reader.ReadAsync(from, (int)Math.Min(BlockBytes, to - from), token);
            if (block.IsEmpty)
            {
                throw tail.Corrupt(from, "the file ended while it was read");
            }

            await tail.File.WriteAsync(from, [block], token);
            from += block.Length;
        }
    }

    private TailStart StartOf(LogSegment tail) =>
        hint is { } known && known.Position.Segment == tail.Number
            ? new TailStart(known.Lsn, known.Position.Offset)
            : new TailStart(tail.FirstLsn, SegmentHeader.Bytes);

    private static async ValueTask<TailScan> ScanAsync(LogSegment tail, TailStart start, CancellationToken token)
    {
        (long lsn, long offset) = (start.Lsn, start.Offset);
        long proven = lsn - 1;
        using var reader = new SegmentReader(tail.File, BlockBytes);
        while (true)
        {
            (long size, long durable) = await MeasureAsync(reader, tail, offset, lsn, token);
            if (size == 0)
            {
                return new TailScan(offset, lsn - 1, proven);
            }

            proven = Math.Max(proven, durable);
            tail.Mark(new SegmentCursor(lsn, (uint)offset, (uint)(lsn - tail.FirstLsn)));
            offset += size;
            lsn++;
        }
    }

    /// <summary>
    /// The size of the intact record of this LSN at this offset, or 0; and the newest LSN that was durable before it.
    /// </summary>
    private static async ValueTask<(long Size, long DurableLsn)> MeasureAsync(
        SegmentReader reader, LogSegment tail, long offset, long lsn, CancellationToken token)
    {
        if (offset + RecordCodec.HeaderBytes > tail.SizeBytes)
        {
            return default;
        }

        ReadOnlyMemory<byte> framed = await reader.ReadAsync(offset, RecordCodec.HeaderBytes, token);
        if (!RecordCodec.TryRead(
                framed.Span, tail.Identity, (uint)offset, out LogRecordHeader header, out long durable)
            || header.Lsn != lsn || header.Kind == RecordCodec.MarkKind)
        {
            return default;
        }

        long size = RecordCodec.SizeOf(header.Lengths);
        if (offset + size > tail.SizeBytes)
        {
            return default;
        }

        ReadOnlyMemory<byte> record = await reader.ReadAsync(offset, (int)size, token);
        return record.Length == size && RecordCodec.PartsAreIntact(header, record.Span) ? (size, durable) : default;
    }

    private static async ValueTask<bool> IsMarkedAsync(LogSegment tail, long end, long lsn, CancellationToken token)
    {
        var bytes = new byte[RecordCodec.HeaderBytes];
        int read = await SegmentRecovery.ReadFullyAsync(tail.File, end, bytes, token);
        return RecordCodec.TryRead(bytes.AsSpan(0, read), tail.Identity, (uint)end, out LogRecordHeader header, out _)
            && header.Kind == RecordCodec.MarkKind && header.Lsn == lsn;
    }

    /// <summary>
    /// Looks for a record behind the end that was written when the record missing there was durable. Returns where the
    /// zeros begin that are all there is up to the end of the file.
    /// </summary>
    private static async ValueTask<long> CheckForDamageAsync(
        LogSegment tail, long end, long lsn, CancellationToken token)
    {
        long zerosFrom = end;
        using var reader = new SegmentReader(tail.File, BlockBytes);
        for (long offset = end; ; offset += RecordCodec.Alignment)
        {
            ReadOnlyMemory<byte> framed = await reader.ReadAsync(offset, RecordCodec.HeaderBytes, token);
            bool isLast = framed.Length < RecordCodec.HeaderBytes;
            int taken = isLast ? framed.Length : RecordCodec.Alignment;
            if (framed.Span[..taken].ContainsAnyExcept((byte)0))
            {
                zerosFrom = offset + taken;
            }

            if (isLast)
            {
                return zerosFrom;
            }

            if (RecordCodec.TryRead(
                    framed.Span, tail.Identity, (uint)offset, out LogRecordHeader found, out long durable)
                && durable >= lsn)
            {
                throw tail.Corrupt(
                    end, $"record {lsn} is damaged, record {found.Lsn} at {offset} was written after it");
            }
        }
    }

    /// <summary>A record in a compacted segment is before the tail: its place says nothing of the end.</summary>
    private void CheckHint(LogSegment tail, long end, long last)
    {
        if (hint is { } known
            && (last < known.Lsn
                || (known.Position.Segment < LogSegmentState.FirstCompactedNumber
                    && known.Position.CompareTo(new LogPosition(tail.Number, (uint)end)) > 0)))
        {
            throw tail.Corrupt(end, $"the log ends at record {last}, but {known.Lsn} was durable");
        }
    }

    /// <summary>Where a scan starts: a record that is there or the log's end.</summary>
    private readonly record struct TailStart(long Lsn, long Offset);

    /// <param name="ProvenLsn">The newest record that was durable for sure.</param>
    private readonly record struct TailScan(long End, long LastLsn, long ProvenLsn);
}
