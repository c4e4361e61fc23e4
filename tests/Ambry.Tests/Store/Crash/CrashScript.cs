using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Store.Crash;

/// <summary>
/// The scripted life of a store, and the model that goes along. Runs on one thread. Ends with an <see
/// cref="IOException"/> when the disk stops in it.
/// </summary>
internal sealed class CrashScript(IDisk disk, BlobStoreOptions options)
{
    /// <summary>The one that the last step puts.</summary>
    public const int LastBlob = CrashKit.Blobs - 1;

    private BlobStore? _store;

    public CrashModel Model { get; } = new();

    public FakeTimeProvider Time { get; } = new(StoreKit.Start);

    private BlobStore Store => _store.ShouldNotBeNull();

    private DateTimeOffset Now => Time.GetUtcNow();

    public async Task RunAsync()
    {
        await OpenAsync();
        try
        {
            await FillAsync(0, 24);
            await UndeleteAsync(1, 5, 9);
            await ReopenAsync();
            await FillAsync(24, 48);
            await DeleteAsync(5, 9);
            await UndeleteAsync(9, 13);
            await ReopenAsync();
            await FillAsync(48, CrashKit.Blobs);
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
        _store = await StoreKit.OpenAsync(disk, options, Time);
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
        blob % 3 == 1 ? StoreKit.Start.AddDays(2 + blob) : null;

    private static DateTimeOffset? LongerExpiryOf(int blob) =>
        blob % 2 == 0 ? ExpiryOf(blob)?.AddYears(1) : null;
}
