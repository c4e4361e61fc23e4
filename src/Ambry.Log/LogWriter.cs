namespace Ambry.Log;

/// <summary>
/// The tail of the log: gives records their LSN and place, gathers them, writes and syncs. Owned by the append loop;
/// not thread safe. After an exception, but for a full disk at a roll, it must not be used again.
/// </summary>
internal sealed class LogWriter(
    IDisk disk, string folder, AppendLogOptions options, LogSegmentSet segments, RecoveredLog recovered)
{
    /// <summary>Records of one gathered write: with up to six pieces each, within a few system calls.</summary>
    public const int MaxBatchRecords = 1024;

    private static readonly byte[] Zeros = new byte[64 * 1024];

    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private readonly byte[] _headers = new byte[MaxBatchRecords * RecordCodec.HeaderBytes];
    private LogSegment _tail = recovered.Tail;
    private long _sealedBytes = segments.SealedBytes(options.BytesOf);
    private long _writtenTo = recovered.TailOffset;
    private long _offset = recovered.TailOffset;
    private long _zeroedTo;
    private int _gathered;
    private long _syncedLsn = recovered.LastLsn;
    private bool _dirty;

    public long LastLsn { get; private set; } = recovered.LastLsn;

    /// <summary>The newest record that is on the disk for sure.</summary>
    public long SyncedLsn => _syncedLsn;

    /// <summary>Bytes of the tail segment in use.</summary>
    public long TailBytes => _offset;

    /// <summary>Bytes of all segments up to the tail.</summary>
    public long UsedBytes => _sealedBytes + _offset;

    public int Gathered => _gathered;

    /// <summary>Bytes gathered and not yet written.</summary>
    public long GatheredBytes => _offset - _writtenTo;

    public bool FitsTail(long recordBytes) => _offset + recordBytes <= _tail.SizeBytes;

    /// <summary>Whether the record stays within the capacity, in the tail or in the segment after it.</summary>
    public bool FitsCapacity(long recordBytes) => FitsTail(recordBytes)
        ? UsedBytes + recordBytes <= options.CapacityBytes
        : _sealedBytes + _tail.SizeBytes + SegmentHeader.Bytes + recordBytes <= options.CapacityBytes;

    /// <summary>Gives the record, which must fit, the next LSN and place.</summary>
    public void Gather(PendingAppend append)
    {
        LogRecordHeader header = new(append.Record.Kind, LastLsn + 1, append.Lengths, append.Checksums);
        uint offset = (uint)_offset;
        Memory<byte> framed = _headers.AsMemory(_gathered * RecordCodec.HeaderBytes, RecordCodec.HeaderBytes);
        RecordCodec.Write(framed.Span, header, _syncedLsn, _tail.Identity, offset);
        _pieces.Add(framed);
        AddPiece(append.Record.Part0);
        AddPiece(append.Record.Part1);
        AddPiece(append.Record.Part2);
        AddPiece(append.Record.Part3);
        long bare = RecordCodec.HeaderBytes + RecordCodec.BytesOf(append.Lengths);
        AddPiece(Zeros.AsMemory(0, (int)(append.SizeBytes - bare)));

        append.Header = header;
        append.Position = new LogPosition(_tail.Number, offset);
        _tail.Mark(new SegmentCursor(header.Lsn, offset, (uint)(header.Lsn - _tail.FirstLsn)));
        _offset += append.SizeBytes;
        _gathered++;
        LastLsn++;
    }

    /// <summary>Writes what is gathered, and makes everything written durable where that is asked for.</summary>
    public async ValueTask CommitAsync(bool sync)
    {
        if (_gathered > 0)
        {
            await WriteAsync(sync);
        }

        if (sync && _dirty)
        {
            await _tail.File.SyncAsync(CancellationToken.None);
            OnSynced();
        }
    }

    private async ValueTask WriteAsync(bool sync)
    {
        _dirty = true;
        if (sync)
        {
            AddZerosAhead();
            await _tail.File.WriteAndSyncAsync(_writtenTo, _pieces, CancellationToken.None);
            OnSynced();
        }
        else
        {
            await _tail.File.WriteAsync(_writtenTo, _pieces, CancellationToken.None);
        }

        _pieces.Clear();
        _gathered = 0;
        _writtenTo = _offset;
    }

    /// <summary>
    /// Lets a small commit that enters unwritten space write zeros behind itself. The commits after it overwrite them:
    /// their sync needs no change of the file's length and extents, and so no commit of the file system's journal,
    /// which waits for all that others have in it. Large commits wait for the device itself.
    /// </summary>
    private void AddZerosAhead()
    {
        if (_offset <= _zeroedTo || GatheredBytes > options.ZeroAheadBytes / 4)
        {
            return;
        }

        _zeroedTo = Math.Min(_offset + options.ZeroAheadBytes, _tail.SizeBytes);
        for (long left = _zeroedTo - _offset; left > 0; left -= Zeros.Length)
        {
            AddPiece(Zeros.AsMemory(0, (int)Math.Min(left, Zeros.Length)));
        }
    }

    private void OnSynced()
    {
        _dirty = false;
        _syncedLsn = LastLsn;
    }

    /// <summary>
    /// Starts the next segment. Everything written must be synced before: recovery relies on only the newest segment
    /// having an unsynced tail.
    /// </summary>
    public async ValueTask RollAsync()
    {
        Protocol.Invariant.Check(!_dirty && _gathered == 0);
        Protocol.Invariant.Check(_tail.Number + 1 < LogSegmentState.FirstCompactedNumber);
        SegmentHeader header = new(recovered.LogId, _tail.Number + 1, options.SegmentBytes, LastLsn + 1);
        LogSegment next = await SegmentFiles.CreateAsync(
            disk, folder, header, options.Preallocate, recovered.Pool, CancellationToken.None);
        (LogSegment left, long end) = (_tail, _offset);

        // From the roll on a rewrite may take the segment and release it.
        Protocol.Invariant.Check(left.TryAcquire());
        segments.Roll(next, LastLsn);
        _sealedBytes += left.SizeBytes;
        _tail = next;
        _zeroedTo = 0;
        _offset = _writtenTo = SegmentHeader.Bytes;
        try
        {
            // Only now: for a moment the cut gives away the space that the tail would need if there were no next one.
            CutZeros(left, end);
        }
        finally
        {
            left.Release();
        }
    }

    /// <summary>Forgets the bytes of segments that have left the log.</summary>
    public void Recount() => _sealedBytes = segments.SealedBytes(options.BytesOf);

    /// <summary>
    /// Leaves a mark behind the last record that proves it durable, so that damage to it is not mistaken for a torn
    /// tail.
    /// </summary>
    public async ValueTask MarkCleanAsync()
    {
        if (!FitsTail(RecordCodec.HeaderBytes))
        {
            CutZeros(_tail, _offset);
            return;
        }

        var mark = new byte[RecordCodec.HeaderBytes];
        LogRecordHeader header = new(RecordCodec.MarkKind, LastLsn + 1, default, default);
        RecordCodec.Write(mark, header, _syncedLsn, _tail.Identity, (uint)_offset);
        await _tail.File.WriteAndSyncAsync(_offset, [mark], CancellationToken.None);
        CutZeros(_tail, _offset + mark.Length);
    }

    /// <summary>
    /// A segment that is left ends with its last record: then a changed byte anywhere in it is found. Zeros that a
    /// crash leaves behind the end do no harm.
    /// </summary>
    private void CutZeros(LogSegment segment, long end)
    {
        if (segment.File.LengthBytes <= end)
        {
            return;
        }

        try
        {
            segment.File.Truncate(end);
            if (options.Preallocate)
            {
                segment.File.Preallocate(segment.SizeBytes);
            }
        }
        catch (DiskFullException)
        {
            // The space is a comfort: recovery does without it too.
            return;
        }
    }

    private void AddPiece(ReadOnlyMemory<byte> piece)
    {
        if (!piece.IsEmpty)
        {
            _pieces.Add(piece);
        }
    }
}
