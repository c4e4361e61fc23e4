using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Store.Crash;

/// <summary>
/// The scripted life of a store, and the model that goes along. Runs on one thread. Ends with an <see
/// cref="IOException"/> when the disk stops in it.
/// </summary>
internal sealed class CrashScript(IDisk disk, DurabilityMode mode = DurabilityMode.Group)
{
    /// <summary>The one that the last step puts.</summary>
    public const int LastBlob = CrashKit.FirstDoomed - 1;

    private readonly CrashOptions _options = new(mode);
    private BlobStore? _store;

    public CrashModel Model { get; } = new();

    public FakeTimeProvider Time { get; } = new(StoreKit.Start);

    private BlobStore Store => _store.ShouldNotBeNull();

    private DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>What the compactions of the script did: all of it must have happened at least once.</summary>
    public CrashTally Tally { get; } = new();

    public async Task RunAsync()
    {
        await OpenAsync();
        try
        {
            await FillAsync(0, 24);
            await UndeleteAsync(1, 5, 9);
            await CompactAsync();
            await ReopenAsync();
            await FillAsync(24, 48);
            await DeleteAsync(5, 9);
            await UndeleteAsync(9, 13);
            Time.Advance(CrashKit.Rules.Retention + TimeSpan.FromDays(1));
            await CompactAsync();
            await FlushAsync();
            await ReopenAsync();
            await DeleteAllAsync(26, 45);
            await PutDoomedAsync();
            await FillAsync(48, 60);
            await DeleteAllAsync(CrashKit.FirstDoomed, CrashKit.Blobs);
            Time.Advance(CrashKit.Rules.Retention + TimeSpan.FromDays(1));
            await EraseAsync();
            await CompactEachAsync();
            _options.TombstonesMayGo = true;
            await CompactEachAsync();
            await CompactAsync();
            await FillAsync(60, CrashKit.FirstDoomed);
        }
        finally
        {
            await Store.DisposeAsync();
        }

        Model.Synced();
    }

    /// <summary>
    /// Puts one by one and in groups, lets some live longer, deletes some, and flushes the index and moves the clock
    /// now and then.
    /// </summary>
    private async Task FillAsync(int from, int to)
    {
        for (int blob = from; blob < to; blob += 4)
        {
            await PutAsync(blob, blob + 1);
            await UpdateTtlAsync([.. new[] { blob, blob + 1 }.Where(number => ExpiryOf(number) is not null)]);
            await PutAsync(blob + 2);
            await DeleteAsync(blob + 1);
            await PutAsync(blob + 3);
            if (blob % 12 == 8)
            {
                await FlushAsync();
                await DeleteAsync(blob - 2, blob);
            }

            Time.Advance(TimeSpan.FromSeconds(7));
        }
    }

    private async Task OpenAsync()
    {
        _store = await StoreKit.OpenAsync(disk, _options.Value, Time);
        Store.Status.ShouldBe(new StoreStatus(StoreState.Running));
    }

    private async Task ReopenAsync()
    {
        await Store.DisposeAsync();
        Model.Synced();
        await OpenAsync();
    }

    private Task PutAsync(params int[] blobs) => StepAsync(
        blobs,
        blob => new KnownState(BlobPresence.Live, 0, ExpiryOf(blob)),
        blob => Store.PutAsync(StoreKit.Put(blob, CrashKit.Content(blob), ExpiryOf(blob)), CancellationToken.None));

    private Task DeleteAsync(params int[] blobs)
    {
        DateTimeOffset now = Now;
        return StepAsync(
            blobs,
            blob => Model[blob].AfterDelete(now),
            blob => Store.DeleteAsync(new DeleteBlobRequest(StoreKit.Id(blob), now), CancellationToken.None));
    }

    private Task UndeleteAsync(params int[] blobs) => StepAsync(
        blobs,
        blob => Model[blob].AfterUndelete(),
        blob => Store.UndeleteAsync(new UndeleteBlobRequest(StoreKit.Id(blob), Now), CancellationToken.None));

    /// <summary>Half of them live a year longer, the others for ever.</summary>
    private Task UpdateTtlAsync(params int[] blobs) => StepAsync(
        blobs,
        blob => Model[blob] with { ExpiresAt = LongerExpiryOf(blob) },
        blob => Store.UpdateTtlAsync(
            new UpdateTtlRequest(StoreKit.Id(blob), LongerExpiryOf(blob), Now), CancellationToken.None));

    private async Task PutDoomedAsync()
    {
        for (int blob = CrashKit.FirstDoomed; blob < CrashKit.Blobs; blob += 3)
        {
            await PutAsync(blob, blob + 1, blob + 2);
        }
    }

    /// <summary>Deletes what is still alive of a range.</summary>
    private Task DeleteAllAsync(int from, int to) =>
        DeleteAsync([.. Enumerable.Range(from, to - from).Where(blob => Model[blob].IsLive)]);

    /// <summary>All sealed segments, as many cycles as it takes.</summary>
    private async Task CompactAsync()
    {
        CompactionResult result = default;
        do
        {
            result = await CompactAsync(new CompactionRange(result.CompactedThrough + 1, long.MaxValue));
        }
        while (!result.IsRangeDone);
    }

    /// <summary>Each sealed segment by itself, the newest first.</summary>
    private async Task CompactEachAsync()
    {
        StoreStatistics? statistics = await Store.CollectStatisticsAsync(null, CancellationToken.None);
        Accept(statistics is null ? StoreError.Unavailable : StoreError.None);
        foreach (SegmentUse segment in statistics!.Segments.Where(segment => segment.CanBeCompacted).Reverse())
        {
            await CompactAsync(new CompactionRange(segment.FirstLsn, segment.LastLsn));
        }
    }

    private async Task<CompactionResult> CompactAsync(CompactionRange range)
    {
        CompactionResult result = await Store.CompactAsync(range, null, CancellationToken.None);
        Accept(result.Error);
        Tally.Add(result);
        return result;
    }

    private async Task EraseAsync()
    {
        EraseStep step = default;
        do
        {
            step = await Store.EraseDeletedAsync(step.NextLsn, 20_000, CancellationToken.None);
            Accept(step.Error);
            Tally.Erased += step.Erased;
        }
        while (!step.IsPassDone);
    }

    public CrashMark Mark() => Model.Mark(Now, _options.TombstonesMayGo);

    private async Task FlushAsync()
    {
        Accept(await Store.FlushIndexAsync(CancellationToken.None));
        Model.Synced();
    }

    private async Task StepAsync(
        int[] blobs, Func<int, KnownState> next, Func<int, ValueTask<StoreError>> change)
    {
        if (blobs.Length == 0)
        {
            return;
        }

        Model.Begin(blobs.ToDictionary(blob => blob, next));
        await Task.WhenAll(blobs.Select(ChangeAsync));
        Model.End();

        async Task ChangeAsync(int blob)
        {
            Accept(await change(blob));
            Model.Acknowledge(blob);
        }
    }

    private static void Accept(StoreError error)
    {
        if (error == StoreError.Unavailable)
        {
            throw new IOException("The store met the stop.");
        }

        error.ShouldBe(StoreError.None);
    }

    private static DateTimeOffset? ExpiryOf(int blob) =>
        blob % 3 == 1 && blob < CrashKit.FirstDoomed ? StoreKit.Start.AddDays(2 + blob) : null;

    private static DateTimeOffset? LongerExpiryOf(int blob) =>
        blob % 2 == 0 ? ExpiryOf(blob)?.AddYears(1) : null;
}
