using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Verifies the stores of one disk, one after the other, at a configured rate, over and over. Not thread safe: one
/// driver.
/// </summary>
public sealed class ScrubWorker
{
    // A second's worth at the default rate: a compaction waits no longer for the store.
    private const long StepBytes = 1 << 20;

    private readonly StoreRotation _stores;
    private readonly CompactionPacer _pacer;
    private readonly ILogger _logger;
    private readonly Action<BlobId>? _repair;

    internal ScrubWorker(
        HostedDisk disk,
        MaintenanceOptions options,
        TimeProvider time,
        ILogger logger,
        Action<BlobId>? repair)
    {
        MountPath = disk.MountPath;
        _stores = new StoreRotation(disk, options.ScrubInterval, time);
        _pacer = new CompactionPacer(PacerOptions.Fixed(options.ScrubBytesPerSecond), latency: null, time);
        (_logger, _repair) = (logger, repair);
    }

    public string MountPath { get; }

    /// <summary>
    /// Verifies the next records of the store whose turn it is, and waits as long as the rate asks for. Returns how
    /// many records, one at least; 0 when no store is due.
    /// </summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        if (_stores.Current is not { Store: { } store } replica)
        {
            return 0;
        }

        ScrubStep step;
        try
        {
            step = await store.ScrubAsync(StepBytes, token);
            Repair(replica, store, step);
            if (step.IsPassDone)
            {
                await store.ScrubIndexAsync(_pacer, token);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The other stores of the disk must be scrubbed all the same.
            MaintenanceFaults.Report(replica, e, _logger);
            step = new ScrubStep(StoreError.Unavailable);
        }

        if (step.IsPassDone || step.Error != StoreError.None)
        {
            _stores.EndPass();
        }

        await _pacer.SpendAsync(step.Bytes, token);
        return Math.Max(1, step.Records);
    }

    /// <summary>Asks peers for the blobs whose content was found damaged just now.</summary>
    private void Repair(HostedReplica replica, BlobStore store, in ScrubStep step)
    {
        if (_repair is null || !replica.HasPeers)
        {
            return;
        }

        foreach (DamagedRecord damaged in store.Maintenance.Damaged.TakeLast(step.Damaged))
        {
            if (damaged.Kind == StoreRecordKind.Put)
            {
                _repair(damaged.Id);
            }
        }
    }
}
