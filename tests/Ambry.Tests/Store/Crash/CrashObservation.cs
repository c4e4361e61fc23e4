using Ambry.Protocol;
using Ambry.Store;
using Shouldly;

namespace Ambry.Tests.Store.Crash;

/// <summary>Looks at a whole store: each blob by reading it and by the sequence that a peer would be given.</summary>
internal static class CrashObservation
{
    private const int PageEntries = 7;

    private static readonly Dictionary<BlobId, int> Numbers = Enumerable.Range(0, CrashKit.Blobs)
        .Concat(Enumerable.Range(CrashKit.FirstAfterCrash, 10))
        .ToDictionary(StoreKit.Id);

    /// <summary>The state of every blob that is or was there; fails when two ways of looking disagree.</summary>
    public static async Task<Dictionary<int, BlobState>> OfAsync(BlobStore store, DateTimeOffset now, string when)
    {
        Dictionary<int, StoreEntry> newest = await NewestAsync(store, when);
        Dictionary<int, BlobState> states = [];
        foreach (int blob in Numbers.Values)
        {
            StoreEntry? entry = newest.TryGetValue(blob, out StoreEntry found) ? found : null;
            BlobState state = StateOf(entry);
            await CheckReadAsync(store, blob, state, now, when);
            if (entry is not null)
            {
                states[blob] = state;
            }
        }

        return states;
    }

    /// <summary>All records from the first on, in pages; their LSNs ascend and none belongs to a stranger.</summary>
    public static async Task<List<StoreEntry>> SequenceAsync(BlobStore store, string when)
    {
        List<StoreEntry> all = [];
        long token = 0;
        while (true)
        {
            StoreEntries page = await store.FindSinceAsync(token, PageEntries, CancellationToken.None);
            page.Error.ShouldBe(StoreError.None, when);
            if (page.Entries.Count == 0)
            {
                return all;
            }

            foreach (StoreEntry entry in page.Entries)
            {
                (entry.Lsn > token).ShouldBeTrue($"{when}: {entry} follows LSN {token}");
                token = entry.Lsn;
                all.Add(entry);
            }
        }
    }

    private static async Task<Dictionary<int, StoreEntry>> NewestAsync(BlobStore store, string when)
    {
        Dictionary<int, StoreEntry> newest = [];
        foreach (StoreEntry entry in await SequenceAsync(store, when))
        {
            newest[Numbers[entry.Id]] = entry;
        }

        return newest;
    }

    private static BlobState StateOf(StoreEntry? newest) => newest switch
    {
        null => default,
        { Kind: StoreRecordKind.Delete } entry =>
            new BlobState(BlobPresence.Deleted, entry.LifeVersion, null, entry.OperationTime),
        { } entry => new BlobState(BlobPresence.Live, entry.LifeVersion, entry.ExpiresAt),
    };

    private static async Task CheckReadAsync(
        BlobStore store, int blob, BlobState state, DateTimeOffset now, string when)
    {
        using StoreReadResult read = await StoreKit.GetAsync(store, blob);
        StoreError expected = state.Presence switch
        {
            BlobPresence.Absent => StoreError.NotFound,
            BlobPresence.Deleted => StoreError.Deleted,
            _ => state.ExpiresAt <= now ? StoreError.Expired : StoreError.None,
        };
        if (read.Error != expected)
        {
            throw new ShouldAssertException($"{when}: blob {blob} answers {read.Error}, its records say {state}");
        }

        if (read.Error == StoreError.None)
        {
            bool isWhole = read.Content.Span.SequenceEqual(CrashKit.Content(blob))
                && read.UserMetadata.Span.SequenceEqual(StoreKit.Content(blob + 1_000_000, blob % 50))
                && read.Properties?.ExpiresAt == state.ExpiresAt;
            isWhole.ShouldBeTrue($"{when}: blob {blob} is not what was put");
        }
    }
}
