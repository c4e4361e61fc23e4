using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>What to do about one record of a peer.</summary>
internal enum PullAction
{
    /// <summary>It says nothing new.</summary>
    Skip,

    /// <summary>It needs no content that is not here.</summary>
    Apply,

    /// <summary>Its content is fetched first.</summary>
    Put,

    /// <summary>The id has other bytes here.</summary>
    Conflict,
}

/// <param name="Fetch">Which of the blobs fetched it needs; only for a put.</param>
internal readonly record struct PlannedEntry(StoreEntry Entry, PullAction Action, int Fetch = -1);

/// <summary>
/// A run of a peer's records with the blobs that they need, as many as one request fetches. Filled by one worker, then
/// unchanged.
/// </summary>
internal sealed class PullWindow
{
    // A record that is no put does not say how large the content is; most are small, and what does not fit is asked
    // for again.
    private const int UnknownSizeBytes = 64 * 1024;

    private readonly HashSet<BlobId> _ids = [];
    private long _bytes;

    public List<PlannedEntry> Entries { get; } = [];

    /// <summary>Blobs to fetch, in the order of their records.</summary>
    public List<BlobId> Fetches { get; } = [];

    /// <summary>Why the run ends before the records do; null when it is only full.</summary>
    public PullStop? Stop { get; set; }

    public void Add(in StoreEntry entry, PullAction action) => Entries.Add(new PlannedEntry(entry, action));

    /// <summary>Whether the blob of a record is fetched for an earlier one.</summary>
    public bool Fetched(BlobId id) => _ids.Contains(id);

    public bool Fits(in StoreEntry entry) => Fetches.Count == 0
        || (Fetches.Count < PeerLimits.MaxBlobsPerFetch && _bytes + SizeOf(entry) <= PeerLimits.MaxFetchBytes);

    public void AddFetch(in StoreEntry entry)
    {
        Entries.Add(new PlannedEntry(entry, PullAction.Put, Fetches.Count));
        Fetches.Add(entry.Id);
        _ids.Add(entry.Id);
        _bytes += SizeOf(entry);
    }

    private static long SizeOf(in StoreEntry entry) =>
        entry.Kind == StoreRecordKind.Put ? entry.SizeBytes : UnknownSizeBytes;
}

/// <summary>Why a pull does not go on now.</summary>
internal enum PullStop
{
    /// <summary>Something failed: it pauses, longer each time.</summary>
    Failed,

    /// <summary>Another worker is fetching the next blob from another peer.</summary>
    Claimed,

    /// <summary>The leader of the data centre is expected to fetch it.</summary>
    LeftToLeader,

    /// <summary>Enough bytes for this second, or this round.</summary>
    Throttled,
}
