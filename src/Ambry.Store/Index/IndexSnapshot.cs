using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// All segments of an index at one moment: files, then those in memory, oldest first; the last one takes new entries.
/// Ranges that no segment covers hold no record. Immutable.
/// </summary>
internal sealed class IndexSnapshot
{
    // Beside the files, so that asking all filters walks one array.
    private readonly BloomFilter[] _filters;

    public IndexSnapshot(IndexFile[] files, MemorySegment[] memory)
    {
        Files = files;
        Memory = memory;
        _filters = new BloomFilter[files.Length];
        for (int i = 0; i < files.Length; i++)
        {
            Invariant.Check(i == 0 || files[i].FirstLsn > files[i - 1].LastLsn);
            _filters[i] = files[i].Filter;
        }
    }

    public IndexFile[] Files { get; }

    public MemorySegment[] Memory { get; }

    public MemorySegment Active => Memory[^1];

    /// <summary>The newest file older than <paramref name="before"/> that may have the id; -1 when none has.</summary>
    public int LastCandidate(in BloomKey key, int before)
    {
        BloomFilter[] filters = _filters;
        int at = before - 1;
        while ((uint)at < (uint)filters.Length && !filters[at].MayContain(key))
        {
            at--;
        }

        return at;
    }

    public IndexSnapshot WithActive(MemorySegment active) => new(Files, [.. Memory, active]);

    /// <summary>The oldest segment in memory has got its file.</summary>
    public IndexSnapshot WithFileOfOldest(IndexFile file) => new([.. Files, file], Memory[1..]);

    public IndexSnapshot With(IndexFile old, IndexFile made)
    {
        IndexFile[] files = [.. Files];
        files[Array.IndexOf(files, old)] = made;
        return new IndexSnapshot(files, Memory);
    }

    /// <summary>Other files for those that have LSNs of a range.</summary>
    public IndexSnapshot WithRange(long firstLsn, long lastLsn, IReadOnlyList<IndexFile> made) => new(
        [
            .. Files.Where(file => file.LastLsn < firstLsn),
            .. made,
            .. Files.Where(file => file.FirstLsn > lastLsn),
        ],
        Memory);
}
