using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Store.Crash;

/// <summary>Opens what a stop left, compares it with the model, and lives on for a while. Immutable.</summary>
internal sealed class CrashCheck(CrashModel model, DurabilityMode mode = DurabilityMode.Group)
{
    /// <summary>Fails when the disk does not hold what was acknowledged at the mark.</summary>
    /// <param name="suffixMayBeLost">What was not synced in interval mode may be gone.</param>
    /// <param name="livesOn">Whether to change, compact and scrub the store, and to open it once more.</param>
    public async Task RunAsync(
        SimDisk disk, CrashMark mark, string when, bool suffixMayBeLost = false, bool livesOn = true)
    {
        var time = new FakeTimeProvider(mark.Now);
        Dictionary<int, KnownState> states;
        await using (BlobStore store = await OpenAsync(disk, time, when))
        {
            states = await CrashObservation.OfAsync(store, mark.Now, when);
            if (model.Explain(mark, states, suffixMayBeLost) is { } wrong)
            {
                throw new ShouldAssertException($"{when}: {wrong}");
            }

            if (!livesOn)
            {
                return;
            }

            await LiveOnAsync(store, states, time, when);
            await ShouldShowAsync(store, states, mark, when);
        }

        await using BlobStore again = await OpenAsync(disk, time, when);
        await ShouldShowAsync(again, states, mark, when + ", opened once more");
    }

    /// <summary>Opens and closes only: for stopping a recovery at each of its calls.</summary>
    public async Task OpenOnlyAsync(SimDisk disk, CrashMark mark, string when)
    {
        await using BlobStore store = await OpenAsync(disk, new FakeTimeProvider(mark.Now), when);
    }

    private async Task<BlobStore> OpenAsync(SimDisk disk, FakeTimeProvider time, string when)
    {
        BlobStore store = await StoreKit.OpenAsync(disk, new CrashOptions(mode).Value, time);
        store.Status.State.ShouldBe(StoreState.Running, $"{when}: {store.Status.Reason}");
        return store;
    }

    private static async Task ShouldShowAsync(
        BlobStore store, Dictionary<int, KnownState> states, CrashMark mark, string when)
    {
        // In interval mode peers are told only of what is synced.
        (await store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.None, when);
        Dictionary<int, KnownState> observed = await CrashObservation.OfAsync(store, mark.Now, when);
        foreach (int blob in states.Keys.Union(observed.Keys))
        {
            KnownState seen = observed.GetValueOrDefault(blob);
            KnownState was = states.GetValueOrDefault(blob);
            was.MayBeSeenAs(seen, mark).ShouldBeTrue($"{when}: blob {blob} is {seen}, it was {was}");
        }
    }

    private static async Task LiveOnAsync(
        BlobStore store, Dictionary<int, KnownState> states, FakeTimeProvider time, string when)
    {
        int fresh = CrashKit.FirstAfterCrash;
        (await StoreKit.PutAsync(store, fresh, CrashKit.Content(fresh))).ShouldBe(StoreError.None, when);
        states[fresh] = new KnownState(BlobPresence.Live);
        foreach (int blob in states.Where(pair => pair.Value.IsLive).Select(pair => pair.Key).Order().Take(1).ToList())
        {
            var request = new DeleteBlobRequest(StoreKit.Id(blob), time.GetUtcNow());
            (await store.DeleteAsync(request, CancellationToken.None)).ShouldBe(StoreError.None, when);
            states[blob] = states[blob].AfterDelete(time.GetUtcNow()) with { ExpiresAt = null };
        }

        var all = new CompactionRange(1, long.MaxValue);
        CompactionResult compacted = await store.CompactAsync(all, null, CancellationToken.None);
        compacted.ShouldSatisfyAllConditions(
            when, () => compacted.Error.ShouldBe(StoreError.None), () => compacted.RecordsDamaged.ShouldBe(0));
        ScrubStep scrubbed = await store.ScrubAsync(long.MaxValue, CancellationToken.None);
        scrubbed.ShouldSatisfyAllConditions(
            when, () => scrubbed.Error.ShouldBe(StoreError.None), () => scrubbed.Damaged.ShouldBe(0));
    }
}
