using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Compaction;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>
/// Hard delete: overwrites user metadata and content of blobs that were deleted longer than the retention ago with
/// zeros, where they are. Only in sealed segments; compaction removes the rest of the record later. Off unless the node
/// asks for it.
/// </content>
public sealed partial class BlobStore
{
    // A read that began before the delete may still be under way; the disk answers it within 30 s or not at all.
    private const long EraseGraceMillis = 60_000;

    // What one redo file holds, written and synced before the first byte is overwritten.
    private const int ErasedRecordsMax = 256;

    /// <summary>
    /// Erases what is due among the blobs whose deletes follow an LSN: a batch of about <paramref name="maxBytes"/>.
    /// </summary>
    public ValueTask<EraseStep> EraseDeletedAsync(long afterLsn, long maxBytes, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterLsn);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return MaintainAsync(
            stop => EraseStepAsync(afterLsn, maxBytes, stop), static error => new EraseStep(error), token);
    }

    private async ValueTask<EraseStep> EraseStepAsync(long afterLsn, long maxBytes, CancellationToken token)
    {
        CompactionRules rules = FreezeRules(NoCycle);
        rules = rules with { RetentionMillis = rules.RetentionMillis + EraseGraceMillis };
        var erasure = new Erasure(rules, SealedSegments());
        var batch = new List<IndexEntry>();
        long covered = await IndexOfRunning.CollectSinceAsync(afterLsn, EntriesPerBatch, batch, token);
        foreach (IndexEntry entry in batch)
        {
            token.ThrowIfCancellationRequested();
            if (erasure.Bytes >= maxBytes || erasure.Due.Count >= ErasedRecordsMax)
            {
                covered = entry.Lsn - 1;
                break;
            }

            if (entry.Kind == StoreRecordKind.Delete && !erasure.Rules.IsRetained(entry))
            {
                await CollectDueAsync(entry.Id, erasure, token);
            }
        }

        if (erasure.Due.Count > 0)
        {
            // In interval mode a delete that was decided by may still be lost; its blob would be back without content.
            await SyncLogAsync(LogOfRunning, token);
            await LogOfRunning.EraseAsync([.. erasure.Due], RecordKinds.ErasedPut, token);
            Log.Erased(_logger, _name, erasure.Due.Count, erasure.Bytes);
        }

        bool isDone = covered <= afterLsn || covered >= LastLsn;
        return new EraseStep(StoreError.None, covered, erasure.Due.Count, erasure.Bytes, isDone);
    }

    private HashSet<uint> SealedSegments() =>
        [.. LogOfRunning.Segments.Where(s => !s.IsTail).Select(s => s.Number)];

    /// <summary>
    /// Adds the PUTs of a deleted blob that are not erased yet. Decided while nobody changes the blob; an undelete that
    /// comes later finds it too old by the same clock.
    /// </summary>
    private async ValueTask CollectDueAsync(BlobId id, Erasure erasure, CancellationToken token)
    {
        erasure.Records.Clear();
        await _pending.EnterAsync(id);
        try
        {
            await IndexOfRunning.FindAllAsync(id, erasure.Records, token);
        }
        finally
        {
            _pending.Exit(id);
        }

        if (erasure.Records is not [{ Kind: StoreRecordKind.Delete } newest, ..]
            || erasure.Rules.IsRetained(newest))
        {
            return;
        }

        foreach (IndexEntry put in erasure.Records.Where(r => r.Kind == StoreRecordKind.Put))
        {
            if (erasure.Sealed.Contains(put.Position.Segment) && await HoldsContentAsync(put, token)
                && erasure.Due.Add(put.Position))
            {
                erasure.Bytes += put.SizeBytes + RecordOverheadBytes;
            }
        }
    }

    private async ValueTask<bool> HoldsContentAsync(IndexEntry put, CancellationToken token)
    {
        try
        {
            return (await LogOfRunning.ReadHeaderAsync(put.Position, token)).Kind == (byte)StoreRecordKind.Put;
        }
        catch (CorruptRecordException damage)
        {
            ReportDamage(put, damage.Message);
            return false;
        }
    }

    /// <summary>One batch being gathered. Used by one task.</summary>
    private sealed class Erasure(CompactionRules rules, IReadOnlySet<uint> sealedSegments)
    {
        public CompactionRules Rules => rules;

        public IReadOnlySet<uint> Sealed => sealedSegments;

        public HashSet<LogPosition> Due { get; } = [];

        public List<IndexEntry> Records { get; } = [];

        public long Bytes { get; set; }
    }
}
