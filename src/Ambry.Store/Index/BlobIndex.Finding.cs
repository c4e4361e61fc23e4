using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <content>Look-ups. One that meets a file which has been replaced starts again with the files of now.</content>
internal sealed partial class BlobIndex
{
    /// <summary>The newest entry of an id, of one kind where one is asked for; null when there is none.</summary>
    /// <exception cref="IOException">The disk failed, or neither a file nor the log can be read.</exception>
    public ValueTask<IndexEntry?> FindAsync(BlobId id, StoreRecordKind? kind, CancellationToken token) =>
        FindAsync(IndexKey.Of(id), kind, budget: null, token);

    /// <summary>Adds every entry of an id to <paramref name="target"/>, newest first.</summary>
    /// <exception cref="IOException">The disk failed, or neither a file nor the log can be read.</exception>
    public async ValueTask FindAllAsync(BlobId id, List<IndexEntry> target, CancellationToken token)
    {
        var key = IndexKey.Of(id);
        var budget = new RepairBudget();
        int before = target.Count;
        while (!await TryFindAllAsync(key, target, budget, token))
        {
            target.RemoveRange(before, target.Count - before);
        }
    }

    /// <summary>
    /// Up to <paramref name="max"/> entries above an LSN, in LSN order, and the LSN up to which they are complete.
    /// </summary>
    public async ValueTask<(List<StoreEntry> Entries, long CoveredTo)> FindSinceAsync(
        long lsn, int max, CancellationToken token)
    {
        var found = new List<StoreEntry>();
        if (_journal.TryReadSince(lsn, max, found, out long coveredTo))
        {
            return (found, coveredTo);
        }

        // The journal may move on meanwhile: the segments, seen after it, hold all that it held.
        var entries = new List<IndexEntry>();
        coveredTo = await CollectSinceAsync(lsn, max, entries, token);
        found.AddRange(entries.Select(entry => entry.ToStoreEntry()));
        return (found, coveredTo);
    }

    /// <summary>
    /// Adds up to <paramref name="max"/> entries above an LSN to <paramref name="target"/>, in LSN order. Returns the
    /// LSN up to which the answer is complete: beyond the last entry where there is no record. Reads whole index files:
    /// ask for as many entries as one holds, not for a few.
    /// </summary>
    /// <exception cref="IOException">The disk failed, or neither a file nor the log can be read.</exception>
    public async ValueTask<long> CollectSinceAsync(
        long lsn, int max, List<IndexEntry> target, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var budget = new RepairBudget();
        int before = target.Count;
        while (true)
        {
            if (await TryCollectSinceAsync(lsn, max, target, budget, token) is { } coveredTo)
            {
                return coveredTo;
            }

            target.RemoveRange(before, target.Count - before);
        }
    }

    private ValueTask<IndexEntry?> FindAsync(
        IndexKey key, StoreRecordKind? kind, RepairBudget? budget, CancellationToken token)
    {
        IndexSnapshot view = View;
        for (int i = view.Memory.Length - 1; i >= 0; i--)
        {
            if (view.Memory[i].Find(key, kind) is { } found)
            {
                return new ValueTask<IndexEntry?>(found);
            }
        }

        int candidate = view.LastCandidate(BloomKey.Of(key), view.Files.Length);
        return candidate < 0 ? default : FindInFilesAsync(view, candidate, key, kind, budget, token);
    }

    private async ValueTask<IndexEntry?> FindInFilesAsync(
        IndexSnapshot view,
        int candidate,
        IndexKey key,
        StoreRecordKind? kind,
        RepairBudget? budget,
        CancellationToken token)
    {
        while (candidate >= 0)
        {
            IndexFile file = view.Files[candidate];
            if (!file.TryAcquire())
            {
                return await FindAsync(key, kind, budget, token);
            }

            IndexDamageException? damage = null;
            try
            {
                if (await file.FindAsync(key, kind, token) is { } found)
                {
                    return found;
                }
            }
            catch (IndexDamageException caught) when ((budget ??= new RepairBudget()).TryTake())
            {
                damage = caught;
            }
            finally
            {
                file.Release();
            }

            if (damage is not null)
            {
                await RepairAsync(file, damage, token);
                return await FindAsync(key, kind, budget, token);
            }

            candidate = view.LastCandidate(BloomKey.Of(key), candidate);
        }

        return null;
    }

    /// <summary>False: start again.</summary>
    private async ValueTask<bool> TryFindAllAsync(
        IndexKey key, List<IndexEntry> target, RepairBudget budget, CancellationToken token)
    {
        IndexSnapshot view = View;
        for (int i = view.Memory.Length - 1; i >= 0; i--)
        {
            view.Memory[i].FindAll(key, target);
        }

        for (int i = view.LastCandidate(BloomKey.Of(key), view.Files.Length); i >= 0;)
        {
            if (!await TryReadAsync(view.Files[i], file => file.FindAllAsync(key, target, token), budget, token))
            {
                return false;
            }

            i = view.LastCandidate(BloomKey.Of(key), i);
        }

        return true;
    }

    /// <summary>Null: start again.</summary>
    private async ValueTask<long?> TryCollectSinceAsync(
        long lsn, int max, List<IndexEntry> target, RepairBudget budget, CancellationToken token)
    {
        long coveredTo = lsn;
        int left = max;
        IndexSnapshot view = View;
        foreach (IndexFile file in view.Files.Where(file => file.LastLsn > lsn))
        {
            IndexEntry[] entries = [];
            if (!await TryReadAsync(
                file, async held => entries = await held.ReadSinceAsync(lsn, token), budget, token))
            {
                return null;
            }

            int count = Math.Min(left, entries.Length);
            target.AddRange(entries.AsSpan(0, count));
            left -= count;
            coveredTo = count < entries.Length ? entries[count - 1].Lsn : file.LastLsn;
            if (left == 0)
            {
                return coveredTo;
            }
        }

        foreach (MemorySegment memory in view.Memory)
        {
            int before = target.Count;
            coveredTo = Math.Max(coveredTo, memory.CollectSince(lsn, left, target));
            left -= target.Count - before;
            if (left == 0)
            {
                break;
            }
        }

        return coveredTo;
    }

    /// <summary>Reads a file while holding it. False when it is retired, or was damaged and is made anew now.</summary>
    private async ValueTask<bool> TryReadAsync(
        IndexFile file, Func<IndexFile, ValueTask> read, RepairBudget budget, CancellationToken token)
    {
        if (!file.TryAcquire())
        {
            return false;
        }

        IndexDamageException damage;
        try
        {
            await read(file);
            return true;
        }
        catch (IndexDamageException caught) when (budget.TryTake())
        {
            damage = caught;
        }
        finally
        {
            file.Release();
        }

        await RepairAsync(file, damage, token);
        return false;
    }
}
