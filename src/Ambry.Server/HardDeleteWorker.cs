using Ambry.Store;
using Ambry.Store.Compaction;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Overwrites what was deleted longer than the retention ago in the stores of one disk, one after the other, at a
/// configured rate. Not thread safe: one driver.
/// </summary>
public sealed class HardDeleteWorker
{
    // One redo file is as large at most, plus one record.
    private const long StepBytes = 1 << 20;

    private readonly StoreRotation _stores;
    private readonly CompactionPacer _pacer;
    private readonly ILogger _logger;
    private long _nextLsn;

    internal HardDeleteWorker(
        HostedDisk disk,
        MaintenanceOptions options,
        TimeProvider time,
        ILogger logger)
    {
        MountPath = disk.MountPath;
        _stores = new StoreRotation(disk, options.HardDeleteInterval, time);
        _pacer = new CompactionPacer(PacerOptions.Fixed(options.HardDeleteBytesPerSecond), latency: null, time);
        _logger = logger;
    }

    public string MountPath { get; }

    /// <summary>
    /// Erases the next batch, and waits as long as the rate asks for. Returns 1, or 0 when no store is due.
    /// </summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        if (_stores.Current is not { Store: { } store } replica)
        {
            return 0;
        }

        EraseStep step;
        try
        {
            step = await store.EraseDeletedAsync(_nextLsn, StepBytes, token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The other stores of the disk have their turn all the same.
            MaintenanceFaults.Report(replica, e, _logger);
            step = new EraseStep(StoreError.Unavailable);
        }

        _nextLsn = step.NextLsn;
        if (step.IsPassDone || step.Error != StoreError.None)
        {
            _nextLsn = 0;
            _stores.EndPass();
        }

        await _pacer.SpendAsync(step.Bytes, token);
        return 1;
    }
}
