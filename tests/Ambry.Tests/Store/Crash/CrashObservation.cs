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
    public static async Task<Dictionary<int, KnownState>> OfAsync(BlobStore store, DateTimeOffset now, string when)
    {
        Dictionary<int, KnownState> states = await StatesAsync(store, when);
        foreach (int blob in Numbers.Values)
        {
            await CheckReadAsync(store, blob, states.GetValueOrDefault(blob), now, when);
        }

        return states;
    }

    /// <summary>What a peer that has seen the whole sequence takes each blob for.</summary>
    public static async Task<Dictionary<int, KnownState>> StatesAsync(BlobStore store, string when)
    {
        Dictionary<int, KnownState> states = [];
        foreach (StoreEntry entry in await SequenceAsync(store, when))
        {
            states[Numbers[entry.Id]] = StateOf(entry);
        }

        return states;
    }

    /// <summary>All records from the first on, in pages; their LSNs ascend and none belongs to a stranger.</summary>
    public static async Task<List<StoreEntry>> SequenceAsync(BlobStore store, string when)
    {
        // In interval mode what is not synced yet is not told.
        (await store.SyncAsync(CancellationToken.None)).ShouldBe(StoreError.None, when);
        List<StoreEntry> all = [];
        long token = 0;
        while (true)
        {
            StoreEntries page = await store.FindSinceAsync(token, PageEntries, CancellationToken.None);
            page.Error.ShouldBe(StoreError.None, when);
            foreach (StoreEntry entry in page.Entries)
            {
                (entry.Lsn > token).ShouldBeTrue($"{when}: {entry} follows LSN {token}");
                token = entry.Lsn;
                all.Add(entry);
            }

            (page.CoveredTo >= token).ShouldBeTrue($"{when}: {token} is covered to {page.CoveredTo}");
            if (page.Entries.Count == 0 && page.CoveredTo == token)
            {
                token.ShouldBe(store.LastLsn, when);
                return all;
            }

            token = page.CoveredTo;
        }
    }

    private static KnownState StateOf(StoreEntry newest) => newest.Kind == StoreRecordKind.Delete
        ? new KnownState(BlobPresence.Deleted, newest.LifeVersion, null, newest.OperationTime)
        : new KnownState(BlobPresence.Live, newest.LifeVersion, newest.ExpiresAt);

    private static async Task CheckReadAsync(
        BlobStore store, int blob, KnownState state, DateTimeOffset now, string when)
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
            bool isWhole = IsWhole(read, blob) && read.Properties?.ExpiresAt == state.ExpiresAt;
            isWhole.ShouldBeTrue($"{when}: blob {blob} is not what was put");
        }
        else if (state.Presence == BlobPresence.Deleted)
        {
            await CheckRetainedAsync(store, blob, state, now, when);
        }
    }

    /// <summary>A deleted blob can be read on request while it can be undeleted, not a moment longer.</summary>
    private static async Task CheckRetainedAsync(
        BlobStore store, int blob, KnownState state, DateTimeOffset now, string when)
    {
        var request = new GetBlobRequest(StoreKit.Id(blob), IncludeDeleted: true, IncludeExpired: true);
        using StoreReadResult read = await store.GetAsync(request, CancellationToken.None);
        bool isRight = now <= state.DeletedAt + CrashKit.Rules.Retention
            ? read.Error == StoreError.None && IsWhole(read, blob)
            : read.Error == StoreError.Deleted;
        isRight.ShouldBeTrue($"{when}: deleted blob {blob} answers {read.Error}, {state}");
    }

    private static bool IsWhole(StoreReadResult read, int blob) =>
        read.Content.Span.SequenceEqual(CrashKit.Content(blob))
        && read.UserMetadata.Span.SequenceEqual(CrashKit.UserMetadata(blob));
}
