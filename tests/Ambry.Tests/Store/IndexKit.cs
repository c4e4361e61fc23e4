using System.Runtime.CompilerServices;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;
using Ambry.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Tests.Store;

/// <summary>Index files on a simulated disk, and entries that follow from their number.</summary>
internal static class IndexKit
{
    public const string Folder = "index";
    public const uint Compacted = LogSegmentState.FirstCompactedNumber;

    public static SimDisk NewDisk()
    {
        var disk = new SimDisk();
        disk.CreateDirectory(Folder);

        // With a durable folder.
        return disk.Copy();
    }

    public static IndexServices Services(IDisk disk, int rollEntries = 10) => new(
        new IndexFolder(disk, Folder), new IndexLimits(rollEntries, int.MaxValue), NullLogger.Instance, "store");

    public static IndexEntry Entry(
        int number, long lsn, StoreRecordKind kind = StoreRecordKind.Put, uint segment = 0) => new(
        StoreKit.Id(number),
        kind,
        LifeVersion: (ushort)(lsn % 3),
        new LogPosition(segment, (uint)lsn * 8),
        lsn,
        TimeMillis: 1_700_000_000_000 + lsn,
        lsn % 2 == 0 ? UnixMillis.Never : 1_800_000_000_000 + lsn,
        SizeBytes: number,
        ContentCrc: (uint)lsn);

    public static StoreRecordKind Kind(int number) => (StoreRecordKind)(1 + (number % 4));

    /// <summary>Writes and opens the file of entries that stand at each LSN of their range, or fewer.</summary>
    public static ValueTask<IndexFile> WriteAsync(SimDisk disk, params IndexEntry[] entries) =>
        Services(disk).Folder.WriteAndOpenAsync(RangeOf(entries), entries, CancellationToken.None);

    public static IndexRange RangeOf(IndexEntry[] entries) =>
        new(entries[0].Lsn, entries[^1].Lsn, entries[0].Position.Segment);

    public static string PathOf(IndexFile file) => $"{Folder}/{file.Name}";

    public static ValueTask<IndexFile?> OpenAsync(SimDisk disk, string path) =>
        IndexFile.TryOpenAsync(disk, path, CancellationToken.None);

    /// <summary>Opens an index over the files of a disk and the records of a log.</summary>
    public static async Task<(BlobIndex Index, RecoveryReport Report)> RecoverAsync(
        SimDisk disk, FakeLog log, int rollEntries = 10, int journalEntries = 1)
    {
        using var recovery = new IndexRecovery(Services(disk, rollEntries));
        await recovery.LoadFilesAsync(CancellationToken.None);
        return await recovery.RunAsync(log, new Journal(journalEntries), CancellationToken.None);
    }

    public static async Task<List<IndexEntry>> AllAsync(BlobIndex index)
    {
        var all = new List<IndexEntry>();
        await index.CollectSinceAsync(0, int.MaxValue, all, CancellationToken.None);
        return all;
    }
}

/// <summary>A log that is nothing but its segments' live ranges and records. Used by one task.</summary>
internal sealed class FakeLog : IIndexSource
{
    private readonly List<(LogSegmentState State, List<IndexEntry> Records)> _segments = [];

    public FakeLog()
    {
        Roll();
    }

    public long DurableLsn { get; private set; }

    public IReadOnlyList<LogSegmentState> Segments =>
        [.. _segments.Select((segment, i) => segment.State with { IsTail = i == _segments.Count - 1 })];

    /// <summary>All live records.</summary>
    public IEnumerable<IndexEntry> Records => _segments.SelectMany(
        segment => segment.Records.Where(record => record.Lsn >= segment.State.FirstLsn));

    /// <summary>How often records were read.</summary>
    public int Scans { get; private set; }

    public uint Tail => _segments[^1].State.Number;

    public IndexEntry Append(int number, StoreRecordKind kind = StoreRecordKind.Put)
    {
        DurableLsn++;
        (LogSegmentState state, List<IndexEntry> records) = _segments[^1];
        IndexEntry entry = IndexKit.Entry(number, DurableLsn, kind, state.Number);
        records.Add(entry);
        _segments[^1] = (state with { LastLsn = DurableLsn }, records);
        return entry;
    }

    public void Roll()
    {
        uint number = _segments.Count == 0 ? 0 : _segments[^1].State.Number + 1;
        _segments.Add((new LogSegmentState(number, DurableLsn + 1, DurableLsn, 0, 0, true), []));
    }

    /// <summary>A rewrite commits: other records for a range of LSNs, all in one new segment, or none at all.</summary>
    public void Commit(uint target, long firstLsn, long lastLsn, IReadOnlyList<IndexEntry> kept)
    {
        int at = _segments.FindIndex(segment => segment.State.LastLsn >= firstLsn);
        while (at < _segments.Count && _segments[at].State.LastLsn <= lastLsn && !Segments[at].IsTail)
        {
            _segments.RemoveAt(at);
        }

        if (_segments[at].State.FirstLsn <= lastLsn)
        {
            (LogSegmentState state, List<IndexEntry> records) = _segments[at];
            _segments[at] = (state with { FirstLsn = lastLsn + 1 }, records);
        }

        if (kept.Count > 0)
        {
            _segments.Insert(at, (new LogSegmentState(target, firstLsn, lastLsn, 0, 0, false), [.. kept]));
        }
    }

    public async IAsyncEnumerable<IndexEntry> ReadAsync(
        long fromLsn, long toLsn, [EnumeratorCancellation] CancellationToken token)
    {
        Scans++;
        foreach (IndexEntry entry in Records.Where(entry => entry.Lsn >= fromLsn && entry.Lsn <= toLsn).ToArray())
        {
            token.ThrowIfCancellationRequested();
            await Task.CompletedTask;
            yield return entry;
        }
    }
}
