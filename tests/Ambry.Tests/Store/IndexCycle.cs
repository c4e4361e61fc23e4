using Ambry.Log;
using Ambry.Store.Index;
using static Ambry.Tests.Store.IndexKit;

namespace Ambry.Tests.Store;

/// <summary>One compaction cycle, step by step, over an index and a log without bytes.</summary>
internal sealed class IndexCycle(
    BlobIndex index, FakeLog log, uint target, long firstLsn, long lastLsn, Func<IndexEntry, bool> keep)
    : IAsyncDisposable
{
    private readonly IndexReplacement _replacement = index.BeginReplacement(firstLsn);
    private readonly List<IndexEntry> _kept = [];

    public long FirstLsn => firstLsn;

    public long LastLsn => lastLsn;

    public IReadOnlyList<IndexEntry> Kept => _kept;

    public async Task RunAsync()
    {
        await CopyAsync();
        await _replacement.CompleteAsync(lastLsn, CancellationToken.None);
        CommitLog();
        Commit();
        await DropAsync();
    }

    public async Task CopyAsync()
    {
        var entries = new List<IndexEntry>();
        await index.CollectSinceAsync(firstLsn - 1, int.MaxValue, entries, CancellationToken.None);
        foreach (IndexEntry entry in entries.Where(entry => entry.Lsn <= lastLsn && keep(entry)))
        {
            IndexEntry moved = entry with { Position = new LogPosition(target, (uint)(64 + (_kept.Count * 128))) };
            _kept.Add(moved);
            await _replacement.AddAsync(moved, CancellationToken.None);
        }
    }

    public ValueTask CompleteAsync() => _replacement.CompleteAsync(lastLsn, CancellationToken.None);

    public void CommitLog() => log.Commit(target, firstLsn, lastLsn, _kept);

    public void Commit() => _replacement.Commit();

    public ValueTask DropAsync() => _replacement.DropReplacedAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => _replacement.DisposeAsync();

    public static uint Target(int cycle) => Compacted + (uint)cycle;
}
