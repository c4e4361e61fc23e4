namespace Ambry.Log;

/// <content>Destroying the content of records that are dead, where they lie.</content>
public sealed partial class AppendLog
{
    /// <remarks>
    /// A rewrite and an erasure exclude each other: a copy taken before would outlive it. At most <see
    /// cref="EraseRedo.MaxRecords"/> records at once. A reader that has the header of before fails on the checksum of
    /// the part: the header of now says why.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The log is being rewritten.</exception>
    public async ValueTask EraseAsync(
        IReadOnlyList<LogPosition> records, byte erasedKind, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfZero(erasedKind);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(records.Count, EraseRedo.MaxRecords, nameof(records));
        token.ThrowIfCancellationRequested();
        ThrowIfClosed();
        await EnterChangeAsync();
        var segments = new Dictionary<uint, LogSegment>();
        try
        {
            if (_rewrite is not null)
            {
                throw new InvalidOperationException($"Log {_folder} is being rewritten.");
            }

            List<ErasedRecord> erased = await PlanErasureAsync(records, erasedKind, segments, token);
            if (erased.Count > 0)
            {
                await CarryOutAsync(erased, segments);
            }
        }
        finally
        {
            foreach (LogSegment segment in segments.Values)
            {
                segment.Release();
            }

            _changing.Release();
        }
    }

    /// <summary>The new headers, but for records that are erased already. Holds the segments they are in.</summary>
    private async ValueTask<List<ErasedRecord>> PlanErasureAsync(
        IReadOnlyList<LogPosition> records,
        byte erasedKind,
        Dictionary<uint, LogSegment> segments,
        CancellationToken token)
    {
        List<ErasedRecord> erased = new(records.Count);
        foreach (LogPosition position in records)
        {
            if (!segments.TryGetValue(position.Segment, out LogSegment? segment))
            {
                LiveSegment live = Array.Find(_segments.Live, live => live.Number == position.Segment)
                    ?? throw Absent(position);
                if (live.IsTail)
                {
                    throw new InvalidOperationException(
                        $"Segment {position.Segment} of log {_folder} still gets records.");
                }

                ObjectDisposedException.ThrowIf(!live.Segment.TryAcquire(), this);
                segments[position.Segment] = segment = live.Segment;
            }

            var bytes = new byte[RecordCodec.HeaderBytes];
            await FillAsync(segment, position.Offset, bytes, token);
            if (!RecordCodec.TryRead(
                    bytes, segment.Identity, position.Offset, out LogRecordHeader header, out long durable)
                || header.Kind == RecordCodec.MarkKind
                || position.Offset + RecordCodec.SizeOf(header.Lengths) > segment.SizeBytes)
            {
                throw segment.Corrupt(position.Offset, "no valid record header");
            }

            if (header.Kind != erasedKind)
            {
                erased.Add(new ErasedRecord(position, RecordEraser.Erased(header, erasedKind), durable));
            }
        }

        return erased;
    }

    /// <summary>
    /// Once the redo file may be there, only a new opening can tell how far it came.
    /// </summary>
    private async ValueTask CarryOutAsync(List<ErasedRecord> erased, Dictionary<uint, LogSegment> segments)
    {
        var eraser = new RecordEraser(_disk, _folder);
        await eraser.StageAsync(_segments.Tail.Segment.LogId, erased);
        try
        {
            await eraser.PublishAsync();
            await eraser.EraseAsync(erased, segments);
            await eraser.RemoveRedoAsync();
        }
        catch (IOException fault)
        {
            Poison(fault);
            throw fault is DiskFullException ? new IOException(fault.Message, fault) : Poisoned(fault);
        }
    }
}
