using Ambry.Store;
using Ambry.Testing;
using Ambry.Testing.Simulation;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Store.Crash;

/// <summary>How a store met damage.</summary>
internal enum RotOutcome
{
    /// <summary>Every answer was right.</summary>
    Right,

    /// <summary>Every answer was right but for blobs that answered Corrupt.</summary>
    Corrupt,

    /// <summary>It serves nothing, and says why.</summary>
    Quarantined,

    /// <summary>It does not open, and says why.</summary>
    Refused,

    /// <summary>It stopped serving when it met the damage.</summary>
    Failed,
}

/// <summary>What the script of the crash tests leaves after a good end, to try damage on. Immutable.</summary>
internal sealed class RotWorld
{
    private readonly CrashModel _model;
    private readonly CrashMark _mark;

    private readonly int? _mayBeLost;

    private RotWorld(SimDisk disk, CrashModel model, CrashMark mark, int? mayBeLost) =>
        (Disk, _model, _mark, _mayBeLost) = (disk, model, mark, mayBeLost);

    /// <summary>Only to be copied.</summary>
    public SimDisk Disk { get; }

    public IEnumerable<string> Files => Folders
        .SelectMany(folder => Disk.ListFiles(folder).Select(name => $"{folder}/{name}"));

    private static string[] Folders => [StoreKit.Folder, $"{StoreKit.Folder}/log", $"{StoreKit.Folder}/index"];

    public static RotWorld Create()
    {
        var disk = new SimDisk();
        var script = new CrashScript(disk);
        OneThread.Run(script.RunAsync);
        return new RotWorld(disk, script.Model, script.Mark(), mayBeLost: null);
    }

    /// <summary>
    /// The same, but killed before it could close: no index file covers the end of the log, and nothing tells a last
    /// record that rotted from one that was never written.
    /// </summary>
    public static RotWorld CreateKilled()
    {
        (CrashScript script, List<CrashPoint> points) = CrashPoint.Record();
        CrashPoint last = points.First(point => point.Mark.Acknowledged == points[^1].Mark.Steps);
        return new RotWorld(last.Disk, script.Model, last.Mark, CrashScript.LastBlob);
    }

    /// <summary>
    /// Opens a damaged copy and asks everything; fails on a wrong byte, and on anything that is missing without a word.
    /// </summary>
    public async Task<RotOutcome> TryAsync(SimDisk damaged, string what)
    {
        try
        {
            await using BlobStore store = await OpenAsync(damaged);
            return await AskAsync(store, what);
        }
        catch (StoreFormatException)
        {
            return RotOutcome.Refused;
        }
    }

    /// <summary>The damage happens under a running store.</summary>
    public async Task<RotOutcome> TryRunningAsync(SimDisk healthy, Action<SimDisk> damage, string what)
    {
        await using BlobStore store = await OpenAsync(healthy);
        damage(healthy);
        return await AskAsync(store, what);
    }

    private ValueTask<BlobStore> OpenAsync(SimDisk disk) =>
        StoreKit.OpenAsync(disk, new CrashOptions().Value, new FakeTimeProvider(_mark.Now));

    private async Task<RotOutcome> AskAsync(BlobStore store, string what)
    {
        bool isCorrupt = false;
        foreach (int blob in _model.Blobs)
        {
            isCorrupt |= await AskAsync(store, blob, what) == StoreError.Corrupt;
        }

        await AskSequenceAsync(store, what);
        return store.Status.State switch
        {
            StoreState.Running => isCorrupt ? RotOutcome.Corrupt : RotOutcome.Right,
            StoreState.Quarantined => RotOutcome.Quarantined,
            _ => RotOutcome.Failed,
        };
    }

    private async Task<StoreError> AskAsync(BlobStore store, int blob, string what)
    {
        using StoreReadResult read = await StoreKit.GetAsync(store, blob);
        KnownState state = _model[blob];
        bool isAllowed = read.Error switch
        {
            StoreError.Unavailable => store.Status.State != StoreState.Running,
            StoreError.NotFound => blob == _mayBeLost || state.MayBeSeenAs(default, _mark),
            StoreError.Deleted => state.Presence == BlobPresence.Deleted,
            StoreError.Expired => state.IsLive && state.ExpiresAt <= _mark.Now,
            StoreError.Corrupt => state.IsLive,
            _ => state.IsLive && read.Content.Span.SequenceEqual(CrashKit.Content(blob)),
        };
        return isAllowed ? read.Error : throw new ShouldAssertException($"{what}: {state} {blob} answers {read.Error}");
    }

    private async Task AskSequenceAsync(BlobStore store, string what)
    {
        if (store.Status.State == StoreState.Running
            && (await store.FindSinceAsync(0, 1, CancellationToken.None)).Error == StoreError.None)
        {
            Dictionary<int, KnownState> newest = await CrashObservation.StatesAsync(store, what);
            foreach (int blob in _model.Blobs)
            {
                bool isRight = _model[blob].MayBeSeenAs(newest.GetValueOrDefault(blob), _mark);
                (isRight || blob == _mayBeLost)
                    .ShouldBeTrue($"{what}: the sequence says {newest.GetValueOrDefault(blob)} of blob {blob}");
            }
        }
    }
}
