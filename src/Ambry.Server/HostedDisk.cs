using Ambry.Log;
using Ambry.Store;
using Ambry.Store.Compaction;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// One disk of the node with the replicas that lie on it now. Thread safe; whoever opens or closes anything on it, or
/// changes which replicas there are, holds <see cref="EnterAsync"/>. Owns the disk and the stores.
/// </summary>
internal sealed class HostedDisk(string mountPath, DiskHealth health)
{
    private volatile IReadOnlyList<HostedReplica> _replicas = [];
    private readonly SemaphoreSlim _changing = new(1);
    private volatile IDisk? _owned;
    private volatile IDisk? _disk;
    private long _totalBytes = long.MaxValue;
    private long _freeBytes = long.MaxValue;

    public string MountPath => mountPath;

    public DiskHealth Health => health;

    /// <summary>What background work on this disk gives way to.</summary>
    public ForegroundLatency Latency { get; } = new();

    /// <summary>As they are now: another list when the layout changes them.</summary>
    public IReadOnlyList<HostedReplica> Replicas => _replicas;

    /// <summary>What stores use: it tells <see cref="Health"/> how calls end. Null while it is not open.</summary>
    public IDisk? Disk => _disk;

    /// <summary>What probes use: what they find is told once, as their result.</summary>
    public IDisk? Unobserved => _owned;

    /// <summary>Changed under <see cref="EnterAsync"/>; nothing is opened afterwards.</summary>
    public bool IsClosed { get; private set; }

    public long FreeBytes => Volatile.Read(ref _freeBytes);

    public long AssignedBytes => _replicas.Sum(r => r.Place.CapacityBytes);

    // Waits without a token: a cancelled wait would complete off the simulator's thread.
    public Task EnterAsync() => _changing.WaitAsync();

    public void Exit() => _changing.Release();

    public void Add(HostedReplica replica) => _replicas = [.. _replicas, replica];

    public void Remove(HostedReplica replica) => _replicas = [.. _replicas.Where(r => r != replica)];

    public void OnOpened(IDisk disk)
    {
        _owned = disk;
        _disk = new ObservedDisk(disk, health);
    }

    /// <summary>Asks the file system for its size; what cannot be asked stays unknown.</summary>
    public async ValueTask MeasureAsync()
    {
        if (_owned is not { } disk)
        {
            return;
        }

        try
        {
            await disk.CallAsync(calls =>
            {
                Volatile.Write(ref _totalBytes, calls.TotalBytes);
                Volatile.Write(ref _freeBytes, calls.FreeBytes);
            });
        }
        catch (IOException)
        {
            // The probe says what is wrong with it.
            Volatile.Write(ref _freeBytes, long.MaxValue);
        }
    }

    public DiskStatus ToStatus() => ToStatus(_replicas);

    private DiskStatus ToStatus(IReadOnlyList<HostedReplica> replicas) => new(
        mountPath,
        health.State,
        health.Reason,
        Volatile.Read(ref _totalBytes),
        FreeBytes,
        _owned?.HungCalls ?? 0,
        replicas.Count,
        replicas.Count(r => r.Store?.Status.State == StoreState.Running),
        replicas.Sum(r => r.Place.CapacityBytes));

    /// <summary>Closes every store, then the disk.</summary>
    public async ValueTask CloseAsync(ILogger logger)
    {
        await EnterAsync();
        try
        {
            IsClosed = true;
            foreach (HostedReplica replica in _replicas)
            {
                await CloseStoreAsync(replica, logger);
            }

            (_owned as IDisposable)?.Dispose();
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Closes a store and remembers that it was closed well; to be called with the disk held.</summary>
    public async ValueTask CloseStoreAsync(HostedReplica replica, ILogger logger)
    {
        try
        {
            if (replica.Store is { IsClosedCleanly: false } store)
            {
                await store.DisposeAsync();
                if (store.IsClosedCleanly && replica.NeedsCleanStop && _disk is { } disk)
                {
                    await new ReplicaMarks(disk, replica.Folder).SetAsync(
                        ReplicaMarks.CleanStop, CancellationToken.None);
                }
            }
        }
        catch (Exception e)
        {
            // The others must still be closed.
            Log.ReplicaNotClosed(logger, replica.Partition, e);
        }
    }
}
