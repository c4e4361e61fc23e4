using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Server;

/// <content>Following the layout while requests go on.</content>
public sealed partial class StorageNode
{
    private readonly SemaphoreSlim _applying = new(1);
    private readonly IReadOnlyList<NodeWorker> _fixedWorkers;
    private volatile IReadOnlyList<HostedDiskWorkers> _diskWorkers = [];
    private volatile IReadOnlyList<NodeWorker> _workers = [];

    // Guarded by _applying.
    private Exception? _halfApplied;

    /// <summary>
    /// All background work of this node, for somebody else to drive: one loop for each. The same list until the layout
    /// changes it; whoever drives looks now and then, starts loops for what is new and ends those that are gone.
    /// </summary>
    public IReadOnlyList<NodeWorker> Workers => _workers;

    /// <summary>
    /// One for each disk, so that one that hangs holds up no other. They are among <see cref="Workers"/>.
    /// </summary>
    public IReadOnlyList<DiskWorker> DiskWorkers => [.. _diskWorkers.Select(w => w.Disk)];

    /// <summary>Moves replicas from state to state, a worker for each disk, among <see cref="Workers"/> too.</summary>
    public IReadOnlyList<ReplicaLifeCycleWorker> LifeCycle => [.. _diskWorkers.Select(w => w.LifeCycle)];

    /// <summary>The layout that this node follows.</summary>
    public ClusterView View => _hosted.View;

    /// <summary>
    /// Takes a newer layout over; one that is not newer changes nothing. Replicas that are new are opened, those that
    /// are gone are closed, and deleted if they had been leaving and their peers have all of them; what stays goes on
    /// serving. A changed capacity counts from the next opening of a store. When it is cancelled the layout counts, and
    /// what is not open yet is opened by the disks' workers.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// A defect ended this change, or an earlier one, half-way: what it left open or closed only a restart mends.
    /// </exception>
    public async ValueTask ApplyAsync(ClusterView view, CancellationToken token)
    {
        await EnterAsync(_applying);
        try
        {
            if (_halfApplied is { } cause)
            {
                throw new InvalidOperationException("A layout was followed half-way; restart this node.", cause);
            }

            HostedSet before = _hosted;
            if (IsStopped || view.Layout.Version <= before.View.Layout.Version)
            {
                return;
            }

            _opener.View = view;
            HostedChange change = before.To(view, _opener);
            HostedReplica[] leaving = [.. view.ReplicasOf(Id).Where(place =>
                before.Replicas.TryGetValue(place.Partition, out HostedReplica? stays)
                && change.Next.Replicas[place.Partition] == stays
                && _opener.Place(stays, place)).Select(place => before.Replicas[place.Partition])];
            foreach (HostedReplica added in change.Added)
            {
                added.BeginsAnew = Replication is not null && IsMovedHere(view, added.Partition);
            }

            await FollowAsync(change, before, leaving, token);
            Log.Applied(_logger, Id, view.Layout.Version, change.Added.Count, change.Removed.Count);
        }
        finally
        {
            _applying.Release();
        }
    }

    private async ValueTask FollowAsync(
        HostedChange change, HostedSet before, HostedReplica[] leaving, CancellationToken token)
    {
        _hosted = change.Next;
        try
        {
            foreach (HostedReplica replica in leaving)
            {
                await MarkLeavingAsync(replica);
            }

            await CloseAsync(change);
            await OpenAsync(change, before, token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The layout counts as followed by its version: a later call must not take that for success.
            _halfApplied = e;
            throw;
        }
    }

    /// <summary>
    /// Whether the layout makes the replica here to take over from another one, which has all the data.
    /// </summary>
    private bool IsMovedHere(ClusterView view, PartitionId partition) =>
        view.Layout.PartitionLayout.Partitions.Any(entry => entry.Id == partition.Value && entry.Replicas.Any(
            place => place.Replaces is not null && place.Hostname == Id.Host && place.Port == Id.Port));

    // Waits without a token: a cancelled wait would complete off the simulator's thread.
    private static Task EnterAsync(SemaphoreSlim turn) => turn.WaitAsync();

    private async ValueTask CloseAsync(HostedChange change)
    {
        foreach (HostedReplica replica in change.Removed)
        {
            bool mayDelete = replica.OnRemoved();
            await replica.Host.EnterAsync();
            try
            {
                replica.Host.Remove(replica);
                await DropAsync(replica, mayDelete);
            }
            finally
            {
                replica.Host.Exit();
            }
        }

        foreach (HostedDisk disk in change.RemovedDisks)
        {
            await disk.CloseAsync(_logger);
        }
    }

    private async ValueTask DropAsync(HostedReplica replica, bool mayDelete)
    {
        if (!mayDelete)
        {
            await LeaveAsync(replica);
            return;
        }

        try
        {
            // What is decided is durable first: after a crash it goes on.
            var marks = new ReplicaMarks(replica.Disk!, replica.Folder);
            await marks.SetAsync(ReplicaMarks.Dropped, CancellationToken.None);
            await replica.Host.CloseStoreAsync(replica, _logger);
            await marks.DeleteFolderAsync(CancellationToken.None);
            Log.ReplicaDropped(_logger, replica.Partition, replica.Host.MountPath);
        }
        catch (IOException e)
        {
            await replica.Host.CloseStoreAsync(replica, _logger);
            Log.ReplicaNotDropped(_logger, replica.Partition, replica.Host.MountPath, e);
        }
    }

    private async ValueTask LeaveAsync(HostedReplica replica)
    {
        await replica.Host.CloseStoreAsync(replica, _logger);
        Log.ReplicaLeft(_logger, replica.Partition, replica.Host.MountPath);
        await MarkAsync(replica);
    }

    private async ValueTask MarkLeavingAsync(HostedReplica replica)
    {
        await replica.Host.EnterAsync();
        try
        {
            await MarkAsync(replica);
        }
        finally
        {
            replica.Host.Exit();
        }
    }

    /// <summary>
    /// Nobody sends it new blobs any more: should it come back, even after a restart, it has to catch up before its
    /// word counts. To be called with the disk held.
    /// </summary>
    private async ValueTask MarkAsync(HostedReplica replica)
    {
        if (replica.Store is null || !replica.HasPeers || Replication is null || replica.Disk is not { } disk)
        {
            return;
        }

        try
        {
            await new ReplicaMarks(disk, replica.Folder).SetAsync(ReplicaMarks.Bootstrap, CancellationToken.None);
        }
        catch (IOException e)
        {
            Log.ReplicaNotMarked(_logger, replica.Partition, e);
        }
    }

    private async ValueTask OpenAsync(HostedChange change, HostedSet before, CancellationToken token)
    {
        try
        {
            await Task.WhenAll(change.Added.GroupBy(r => r.Host).Select(
                group => OpenAsync(group.Key, [.. group], !before.Disks.Contains(group.Key), token)));
        }
        finally
        {
            OnHosted();
        }
    }

    private async Task OpenAsync(
        HostedDisk disk, IReadOnlyList<HostedReplica> added, bool isNew, CancellationToken token)
    {
        await disk.EnterAsync();
        try
        {
            foreach (HostedReplica replica in added)
            {
                disk.Add(replica);
            }

            if (isNew)
            {
                await _opener.OpenDiskAsync(disk, token);
                return;
            }

            foreach (HostedReplica replica in added.Where(_ => disk.Disk is not null))
            {
                token.ThrowIfCancellationRequested();
                await _opener.OpenStoreAsync(disk, replica, token);
            }
        }
        finally
        {
            disk.Exit();
        }
    }

    /// <summary>Makes replication, the states of replicas and the workers those of what is hosted now.</summary>
    private void OnHosted()
    {
        HostedSet hosted = _hosted;
        Replication?.SetReplicas(hosted.View, [.. hosted.Replicas.Values]);
        Maintenance.SetDisks(hosted.Disks);
        IReadOnlyList<HostedDiskWorkers> known = _diskWorkers;
        _diskWorkers = [.. hosted.Disks.Select(disk => known.FirstOrDefault(w => w.Host == disk) ?? WorkersOf(disk))];
        _workers = [.. _fixedWorkers, .. _diskWorkers.SelectMany(w => w.All)];
        foreach (HostedDiskWorkers workers in _diskWorkers)
        {
            workers.LifeCycle.Rank();
        }
    }

    private HostedDiskWorkers WorkersOf(HostedDisk disk)
    {
        var watch = new DiskWorker(disk, () => _hosted.Disks, _opener, _setup);
        var lifeCycle = new ReplicaLifeCycleWorker(disk, Replication, _opener, _time, _logger);
        DiskMaintenance maintenance = Maintenance.Of(disk);
        List<NodeWorker> all =
        [
            new(NodeWorkerKind.Disk, $"disk {disk.MountPath}", watch.RunOnceAsync),
            new(NodeWorkerKind.LifeCycle, $"replicas {disk.MountPath}", lifeCycle.RunOnceAsync),
            new(NodeWorkerKind.Compaction, $"compaction {disk.MountPath}", maintenance.Compaction.RunOnceAsync),
        ];
        if (maintenance.Scrub is { } scrub)
        {
            all.Add(new NodeWorker(NodeWorkerKind.Scrub, $"scrub {disk.MountPath}", scrub.RunOnceAsync));
        }

        if (maintenance.HardDelete is { } erase)
        {
            all.Add(new NodeWorker(NodeWorkerKind.HardDelete, $"hard delete {disk.MountPath}", erase.RunOnceAsync));
        }

        return new HostedDiskWorkers(disk, watch, lifeCycle, all);
    }

    private sealed record HostedDiskWorkers(
        HostedDisk Host, DiskWorker Disk, ReplicaLifeCycleWorker LifeCycle, IReadOnlyList<NodeWorker> All);
}
