using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Keeps one disk in service: probes it now and then and after faults, opens it when it did not open, and opens failed
/// stores anew once it is well. A quarantined store, and one taken out for a defect, are left alone. Not thread safe:
/// one driver, about every second.
/// </summary>
public sealed class DiskWorker
{
    private readonly HostedDisk _disk;
    private readonly Func<IReadOnlyList<HostedDisk>> _all;
    private readonly StoreOpener _opener;
    private readonly DataNodeId _node;
    private readonly DiskHealthOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DiskProbe _probe;
    private readonly Dictionary<HostedReplica, ReopenPause> _pauses = [];
    private readonly ReopenPause _diskPause;
    private readonly HashSet<HostedReplica> _stale = [];
    private DateTimeOffset _probedAt;
    private bool _toldAllOut;

    /// <param name="all">All disks of the node, this one too.</param>
    internal DiskWorker(
        HostedDisk disk, Func<IReadOnlyList<HostedDisk>> all, StoreOpener opener, StorageNodeSetup setup)
    {
        (_disk, _all, _opener, _node) = (disk, all, opener, setup.Node);
        (_options, _time, _logger) = (setup.Options.Disks, setup.Time, setup.Logger);
        _probe = new DiskProbe(_time, _options.ProbeLimit);
        _diskPause = new ReopenPause(_options, _time);
        _probedAt = _time.GetUtcNow();
    }

    public string MountPath => _disk.MountPath;

    /// <summary>Does what is due; returns how many probes and openings that were.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        await _disk.EnterAsync();
        try
        {
            if (_disk.IsClosed)
            {
                return 0;
            }

            int done = _disk.Disk is null ? await OpenDiskAsync(token) : await ProbeWhenDueAsync();
            return done + await ReopenAsync(token);
        }
        finally
        {
            _disk.Exit();
        }
    }

    private async ValueTask<int> OpenDiskAsync(CancellationToken token)
    {
        if (!_diskPause.IsOver)
        {
            return 0;
        }

        _diskPause.OnTry();
        await _opener.OpenDiskAsync(_disk, token);
        return _disk.Disk is null ? 1 : 1 + await ProbeAsync();
    }

    private async ValueTask<int> ProbeWhenDueAsync()
    {
        DateTimeOffset now = _time.GetUtcNow();
        TimeSpan interval = _disk.Health.State == DiskState.Healthy
            ? _options.ProbeInterval
            : _options.ProbeIntervalWhenBad;

        // Before the last probe: the clock was set back.
        bool isDue = now - _probedAt >= interval || now < _probedAt;
        return isDue || (_disk.Health.IsSuspect && _disk.Health.State == DiskState.Healthy) ? await ProbeAsync() : 0;
    }

    private async ValueTask<int> ProbeAsync()
    {
        IDisk disk = _disk.Unobserved!;
        _disk.Health.OnProbing();
        bool hasReplica = _disk.Replicas.Any(r => r.Store is not null);
        DiskProbeResult result = await _probe.RunAsync(disk, hasReplica ? StoreOpener.PartitionsFolder : null);
        if (result.Fault is null)
        {
            await _disk.MeasureAsync();
        }
        else if (result.Fault == DiskFault.Gone)
        {
            // Files that are open belong to what was mounted before, and would be written to unseen.
            _stale.UnionWith(_disk.Replicas);
        }

        _disk.Health.OnProbed(result, _disk.FreeBytes, disk.HungCalls);
        _probedAt = _time.GetUtcNow();
        bool allOut = _all().All(d => d.Health.State == DiskState.Failed);
        if (allOut && !_toldAllOut)
        {
            Log.AllDisksOut(_logger, _node);
        }

        _toldAllOut = allOut;
        return 1;
    }

    private async ValueTask<int> ReopenAsync(CancellationToken token)
    {
        int opened = 0;
        Forget();
        foreach (HostedReplica replica in _disk.Replicas.Where(NeedsOpening))
        {
            token.ThrowIfCancellationRequested();
            if (_disk.Disk is null || _disk.Health.State is DiskState.Failed or DiskState.ReadOnly
                || _disk.Disk.HungCalls > 0)
            {
                return opened;
            }

            ReopenPause pause = PauseOf(replica);
            if (pause.IsOver)
            {
                pause.OnTry();
                opened += await ReopenAsync(replica, pause, token) ? 1 : 0;
            }
        }

        return opened;
    }

    private void Forget()
    {
        foreach (HostedReplica gone in _pauses.Keys.Union(_stale).Except(_disk.Replicas).ToList())
        {
            _pauses.Remove(gone);
            _stale.Remove(gone);
        }
    }

    private bool NeedsOpening(HostedReplica replica)
    {
        if (replica.IsOutOfService || replica.IsStopped
            || (_pauses.TryGetValue(replica, out ReopenPause? pause) && pause.IsForever))
        {
            return false;
        }

        // A closed one is what an earlier try left.
        return replica.Store is not { } store || store.Status.State is StoreState.Failed or StoreState.Closed
            || (_stale.Contains(replica) && store.Status.State == StoreState.Running);
    }

    private async ValueTask<bool> ReopenAsync(HostedReplica replica, ReopenPause pause, CancellationToken token)
    {
        await _disk.CloseStoreAsync(replica, _logger);
        if (await IsFolderMissingAsync(replica))
        {
            // Opening would begin an empty replica, on whatever is mounted there now.
            Log.ReplicaFolderMissing(_logger, replica.Partition, MountPath);
            return false;
        }

        switch (await _opener.OpenStoreAsync(_disk, replica, token))
        {
            case StoreOpening.Opened:
                _stale.Remove(replica);
                Log.ReplicaReopened(_logger, replica.Partition, MountPath);
                return true;
            case StoreOpening.TryAgain:
                Log.ReplicaNotReopened(_logger, replica.Partition, MountPath, pause.Length);
                return false;
            default:
                pause.IsForever = true;
                return false;
        }
    }

    private async ValueTask<bool> IsFolderMissingAsync(HostedReplica replica)
    {
        if (replica.Store is null)
        {
            return false;
        }

        bool isEmpty = true;
        try
        {
            await _disk.Disk!.CallAsync(calls => isEmpty = calls.ListFiles(replica.Folder).Count == 0);
        }
        catch (IOException)
        {
            // Its health knows of it. Not now, then.
            isEmpty = true;
        }

        return isEmpty;
    }

    private ReopenPause PauseOf(HostedReplica replica)
    {
        if (!_pauses.TryGetValue(replica, out ReopenPause? pause))
        {
            pause = new ReopenPause(_options, _time);
            _pauses.Add(replica, pause);
        }

        return pause;
    }

    /// <summary>Grows with every try, and is short again after as long a time without one.</summary>
    private sealed class ReopenPause(DiskHealthOptions options, TimeProvider time)
    {
        private long _triedAt;

        public TimeSpan Length { get; private set; }

        public bool IsForever { get; set; }

        public bool IsOver => Length == TimeSpan.Zero || time.GetElapsedTime(_triedAt) >= Length;

        public void OnTry()
        {
            bool isLongAgo = time.GetElapsedTime(_triedAt) >= Length + options.ReopenPauseMax;
            TimeSpan next = Length == TimeSpan.Zero || isLongAgo ? options.ReopenPauseMin : Length * 2;
            Length = next < options.ReopenPauseMax ? next : options.ReopenPauseMax;
            _triedAt = time.GetTimestamp();
        }
    }
}
