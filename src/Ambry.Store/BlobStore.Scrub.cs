using System.Buffers;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Compaction;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>
/// Scrub: reads every record by the index, in LSN order, and verifies its header and parts against their checksums and
/// against the index. What is damaged is reported, never changed; too much of it in one pass quarantines the store. The
/// index's own files are verified apart.
/// </content>
public sealed partial class BlobStore
{
    // One step verifies as many records at most: a compaction waits no longer for it.
    private const int ScrubEntries = 256;

    private const int PartCount = 4;

    // So many records in a row that the device cannot read are no bad sector any more, but a bad device.
    private const int UnreadableMax = 8;

    // Guarded by _maintenance.
    private long _scrubbedTo;
    private int _unreadable;

    /// <summary>
    /// Verifies the next records, up to about <paramref name="maxBytes"/>. A pass ends at what was the newest record
    /// when it began; the position is not kept over a restart.
    /// </summary>
    public ValueTask<ScrubStep> ScrubAsync(long maxBytes, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return MaintainAsync(stop => ScrubStepAsync(maxBytes, stop), static error => new ScrubStep(error), token);
    }

    /// <summary>
    /// Verifies the index files byte by byte; the index makes damaged ones anew from the log. Beside everything else.
    /// </summary>
    public async ValueTask<StoreError> ScrubIndexAsync(CompactionPacer? pacer, CancellationToken token)
    {
        if (!TryEnter())
        {
            return StoreError.Unavailable;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(token, _maintenanceStop.Token);
        try
        {
            IndexScrub scrub = await IndexOfRunning.VerifyAsync(
                (bytes, waiting) => SpendAsync(pacer, bytes, waiting), stop.Token);
            Metrics.Scrubbed(_disk, scrub.Bytes);
            for (int i = 0; i < scrub.Rebuilt; i++)
            {
                Metrics.ScrubError(_disk);
            }

            return StoreError.None;
        }
        catch (OperationCanceledException) when (!token.IsCancellationRequested)
        {
            return StoreError.Unavailable;
        }
        catch (IOException fault)
        {
            return OnFault(fault);
        }
        finally
        {
            Exit();
        }
    }

    private async ValueTask<ScrubStep> ScrubStepAsync(long maxBytes, CancellationToken token)
    {
        ScrubPass pass = BeginOrContinuePass();
        var batch = new List<IndexEntry>();
        long covered = _scrubbedTo < pass.LastLsn
            ? await IndexOfRunning.CollectSinceAsync(_scrubbedTo, ScrubEntries, batch, token)
            : pass.LastLsn;
        var step = new ScrubStep(StoreError.None);
        foreach (IndexEntry entry in batch)
        {
            token.ThrowIfCancellationRequested();
            if (entry.Lsn > pass.LastLsn || step.Bytes >= maxBytes)
            {
                // The rest is for the next step, or for the next pass.
                covered = entry.Lsn - 1;
                break;
            }

            (long bytes, string? damage) = await VerifyRecordAsync(entry, token);
            step = step with
            {
                Bytes = step.Bytes + bytes,
                Records = step.Records + 1,
                Damaged = step.Damaged + (damage is null ? 0 : 1),
            };
            if (damage is not null)
            {
                ReportDamage(entry, damage);
            }
        }

        // An index that has not heard of the newest records yet has them in the next pass.
        bool isDone = covered >= pass.LastLsn || covered == _scrubbedTo;
        _scrubbedTo = isDone ? 0 : covered;
        step = step with { IsPassDone = isDone };
        OnScrubbed(pass, step);
        return step;
    }

    private ScrubPass BeginOrContinuePass()
    {
        if (_ledger.Scrub is { EndedAt: null } pass)
        {
            return pass;
        }

        _scrubbedTo = 0;
        return new ScrubPass(_time.GetUtcNow(), EndedAt: null, LastLsn, Records: 0, Bytes: 0, Damaged: 0);
    }

    private void OnScrubbed(ScrubPass pass, ScrubStep step)
    {
        pass = pass with
        {
            Records = pass.Records + step.Records,
            Bytes = pass.Bytes + step.Bytes,
            Damaged = pass.Damaged + step.Damaged,
            EndedAt = step.IsPassDone ? _time.GetUtcNow() : null,
        };
        _ledger.Scrub = pass;
        Metrics.Scrubbed(_disk, step.Bytes);
        if (pass.EndedAt is { } ended)
        {
            Log.ScrubPassEnded(_logger, _name, pass.Records, pass.Bytes, pass.Damaged, ended - pass.BeganAt);
        }

        if (pass.Damaged > _options.ScrubQuarantineThreshold)
        {
            Quarantine($"the scrubber found {pass.Damaged} damaged records");
        }
    }

    /// <summary>Bytes read, and what is wrong with the record; null when nothing is.</summary>
    private async ValueTask<(long Bytes, string? Damage)> VerifyRecordAsync(IndexEntry entry, CancellationToken token)
    {
        try
        {
            LogRecordHeader header = await LogOfRunning.ReadHeaderAsync(entry.Position, token);
            if (header.Lsn != entry.Lsn || !IsKindOf(header, entry))
            {
                return (RecordHeaderBytes, $"record {header.Lsn} is where the index has another one");
            }

            long bytes = RecordHeaderBytes + await VerifyPartsAsync(entry, header, token);
            _unreadable = 0;
            return (bytes, null);
        }
        catch (DiskException bad) when (bad.Fault == DiskFault.Device && ++_unreadable < UnreadableMax)
        {
            // A sector that went bad unseen is what scrubbing is for; the rest of the store serves on.
            return (RecordHeaderBytes + entry.SizeBytes, bad.Message);
        }
        catch (CorruptRecordException damage)
        {
            return (RecordHeaderBytes + entry.SizeBytes, damage.Message);
        }
    }

    private static bool IsKindOf(in LogRecordHeader header, in IndexEntry entry) =>
        header.Kind == (byte)entry.Kind
        || (header.Kind == RecordKinds.ErasedPut && entry.Kind == StoreRecordKind.Put);

    private async ValueTask<long> VerifyPartsAsync(IndexEntry entry, LogRecordHeader header, CancellationToken token)
    {
        LogPartLengths lengths = header.Lengths;
        long bytes = 0;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(
            Math.Max(Math.Max(lengths.Part0, lengths.Part1), Math.Max(lengths.Part2, lengths.Part3)));
        try
        {
            for (int part = 0; part < PartCount; part++)
            {
                int length = LengthOf(lengths, part);
                if (length == 0)
                {
                    continue;
                }

                await LogOfRunning.ReadPartAsync(entry.Position, header, part, buffer.AsMemory(0, length), token);
                bytes += length;
                if (part == 0 && !IsHeadOf(entry, buffer.AsSpan(0, length)))
                {
                    throw new CorruptRecordException("The record is of another blob than the index says.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return bytes;
    }

    // Every kind of record has the blob id at byte 4 of its head.
    private static bool IsHeadOf(in IndexEntry entry, ReadOnlySpan<byte> head) =>
        head.Length > 4 && BlobId.TryRead(head[4..], out BlobId id) && id == entry.Id;

    private static int LengthOf(in LogPartLengths lengths, int part) => part switch
    {
        0 => lengths.Part0,
        1 => lengths.Part1,
        2 => lengths.Part2,
        _ => lengths.Part3,
    };
}
