using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store.Inspection;

/// <summary>What a segment must hold, by what is known beside it.</summary>
/// <param name="IsTail">The newest one: its end is found by content alone.</param>
/// <param name="LastLsn">Its last record; null when nothing beside it says so.</param>
/// <param name="Records">How many live records a compacted one has; null for an ordinary one, whose LSNs are
/// dense.</param>
/// <param name="EndOffset">Where the records of a compacted one end.</param>
internal sealed record SegmentExpectation(bool IsTail, long? LastLsn, long? Records, long? EndOffset)
{
    /// <summary>Where records may be half overwritten with zeros.</summary>
    public IReadOnlySet<long> Erasing { get; init; } = new HashSet<long>();
}

/// <summary>
/// Reads one live segment from start to end and checks each record against itself, its neighbours and the index. Used
/// once.
/// </summary>
internal sealed class SegmentVerifier(
    IDisk disk,
    InspectedSegment segment,
    SegmentExpectation expected,
    StoreContext context,
    IndexCursor? index,
    VerifyTally tally,
    FindingList findings)
{
    // In the tail it turns on the records that follow, and on the index, whether a record was ever durable.
    private readonly List<(long Lsn, VerifyFinding Finding)> _undecided = [];

    private long _nextLsn = segment.LiveFirstLsn;
    private long _records;
    private long _end;
    private bool _hasHole;
    private long _holeOffset;

    /// <summary>The newest record that something in the segment proves durable.</summary>
    public long ProvenLsn { get; private set; }

    public async ValueTask RunAsync(CancellationToken token)
    {
        using IDiskFile file = disk.Open(segment.Path, create: false);
        using var blocks = new BlockVerifier(file);
        _end = RecordInspector.HeaderBytes;
        bool isMarked = false;
        await foreach (InspectedStoreRecord record in RecordInspector.ReadAsync(disk, segment, verify: true, token))
        {
            tally.AddBytes(record.Log.SizeBytes);
            _end = record.Log.Position.Offset + record.Log.SizeBytes;
            if (record.Log.State == InspectedRecordState.ClosingMark)
            {
                TakeMark(record.Log);
                isMarked = true;
                break;
            }

            if (record.Log.State == InspectedRecordState.DamagedHeader)
            {
                OpenHole(record.Log);
            }
            else if (record.Log.IsLive)
            {
                await TakeAsync(record, blocks, token);
            }
        }

        if (!isMarked)
        {
            CheckEnd();
        }

        if (expected.IsTail)
        {
            await CheckBytesBehindAsync(file, token);
        }
    }

    /// <summary>Says what was damage and what was never finished, once all that could prove it has been read.</summary>
    public void Decide(long provenLsn)
    {
        foreach ((long lsn, VerifyFinding finding) in _undecided)
        {
            if (lsn <= provenLsn)
            {
                findings.AddDamage(finding);
            }
            else
            {
                findings.AddNote(
                    segment.Path,
                    finding.Offset,
                    lsn,
                    $"{finding.Message}; nothing proves that it was ever durable, and the next start cuts it off");
            }
        }
    }

    private async ValueTask TakeAsync(InspectedStoreRecord record, BlockVerifier blocks, CancellationToken token)
    {
        long lsn = record.Log.Header.Lsn;
        if (!CheckOrder(lsn, record.Log.Position.Offset))
        {
            return;
        }

        _nextLsn = lsn + 1;
        _records++;
        ProvenLsn = Math.Max(ProvenLsn, record.Log.DurableLsn);
        if (record.Log.State == InspectedRecordState.DamagedPart)
        {
            Add(VerifyFault.RecordDamaged, record.Log.Position.Offset, lsn, $"record {lsn} fails a checksum");
        }
        else
        {
            tally.AddRecord(record);
            await CheckMeaningAsync(record, blocks, token);
        }

        if (index is not null && (record.Entry is not null || record.Log.State == InspectedRecordState.Intact))
        {
            await index.CompareAsync(record, segment.Path, token);
        }
    }

    /// <summary>False when the record cannot be one of this place.</summary>
    private bool CheckOrder(long lsn, long offset)
    {
        if (lsn < _nextLsn)
        {
            findings.AddDamage(
                VerifyFault.RecordForeign, segment.Path, offset, lsn, $"record {lsn} follows record {_nextLsn - 1}");
            return false;
        }

        bool isDense = expected.Records is null;
        if (_hasHole || (isDense && lsn > _nextLsn))
        {
            AddMissing(_hasHole ? _holeOffset : offset, isDense ? lsn - 1 : Math.Max(_nextLsn, lsn - 1));
        }

        _hasHole = false;
        return true;
    }

    private async ValueTask CheckMeaningAsync(
        InspectedStoreRecord record, BlockVerifier blocks, CancellationToken token)
    {
        (long lsn, long offset) = (record.Log.Header.Lsn, record.Log.Position.Offset);
        if (!context.IsStore)
        {
            return;
        }

        if (record.Entry is not { } entry)
        {
            findings.AddDamage(
                VerifyFault.RecordForeign,
                segment.Path,
                offset,
                lsn,
                $"record {lsn} of kind {record.Log.Header.Kind} is not one that this version knows");
            return;
        }

        if (context.Partition is { } partition && entry.Id.Partition != partition)
        {
            findings.AddDamage(
                VerifyFault.RecordForeign,
                segment.Path,
                offset,
                lsn,
                $"record {lsn} is of partition {entry.Id.Partition}, the store of {partition}");
        }

        if (entry.Kind == StoreRecordKind.Put && !record.IsErased
            && await blocks.FindBadBlockAsync(record.Log, token) is { } block)
        {
            findings.AddDamage(
                VerifyFault.BlockChecksum,
                segment.Path,
                offset,
                lsn,
                $"block {block} of record {lsn} is not what the list of its blocks says");
        }
    }

    private void TakeMark(InspectedRecord mark)
    {
        if (expected.IsTail && mark.Header.Lsn == _nextLsn && !_hasHole)
        {
            tally.IsClosed = true;
            ProvenLsn = Math.Max(ProvenLsn, mark.Header.Lsn - 1);
            return;
        }

        // It was written when all before it was durable.
        ProvenLsn = Math.Max(ProvenLsn, mark.Header.Lsn - 1);
        if (mark.Header.Lsn > _nextLsn)
        {
            AddMissing(_hasHole ? _holeOffset : mark.Position.Offset, mark.Header.Lsn - 1);
        }
    }

    private void OpenHole(InspectedRecord hole)
    {
        if (!_hasHole && hole.IsLive)
        {
            _hasHole = true;
            _holeOffset = hole.Position.Offset;
        }
    }

    private void CheckEnd()
    {
        if (expected.LastLsn is { } last && expected.Records is null && _nextLsn <= last)
        {
            AddMissing(_hasHole ? _holeOffset : _end, last);
        }
        else if (_hasHole)
        {
            AddMissing(_holeOffset, _nextLsn);
        }

        if (expected.Records is { } records && records != _records)
        {
            findings.AddDamage(
                VerifyFault.RecordMissing,
                segment.Path,
                null,
                null,
                $"the segment has {_records} records, the manifest says {records}");
        }

        if (expected.EndOffset is { } end && end != _end)
        {
            findings.AddDamage(
                VerifyFault.RecordMissing,
                segment.Path,
                _end,
                null,
                $"the records end at {_end}, the manifest says {end}");
        }
    }

    private void AddMissing(long offset, long lastLsn)
    {
        string what = lastLsn > _nextLsn ? $"records {_nextLsn} to {lastLsn} are" : $"record {_nextLsn} is";
        Add(VerifyFault.RecordMissing, offset, _nextLsn, $"{what} missing or damaged");
    }

    private void Add(VerifyFault fault, long offset, long lsn, string message)
    {
        VerifyFinding finding = findings.Of(fault, segment.Path, offset, lsn, message);
        if (expected.Erasing.Contains(offset))
        {
            findings.AddNote(finding with
            {
                Fault = VerifyFault.None,
                Message = $"{message}: it was being erased; the next start does that again",
            });
        }
        else if (!expected.IsTail)
        {
            findings.AddDamage(finding);
        }
        else if (_undecided.Count < VerifyReport.MaxFindings)
        {
            _undecided.Add((lsn, finding));
        }
    }

    /// <summary>Bytes that form no record: an append that a crash cut short, or the last record, damaged.</summary>
    private async ValueTask CheckBytesBehindAsync(IDiskFile file, CancellationToken token)
    {
        byte[] block = new byte[64 * 1024];
        for (long offset = _end; offset < file.LengthBytes;)
        {
            int read = await file.ReadAsync(offset, block, token);
            if (read == 0)
            {
                return;
            }

            int at = block.AsSpan(0, read).IndexOfAnyExcept((byte)0);
            if (at >= 0)
            {
                findings.AddNote(
                    segment.Path,
                    offset + at,
                    null,
                    $"bytes behind record {_nextLsn - 1} form no record: an append that was not finished, or is under "
                    + "way; the next start cuts them off");
                return;
            }

            offset += read;
        }
    }
}
