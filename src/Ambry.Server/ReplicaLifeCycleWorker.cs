using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// Moves the replicas of one disk from state to state as replication gets on: one that has caught up serves and
/// testifies, one that is leaving becomes drained, the first of those that could lead leads. Not thread safe: one
/// driver, about every second.
/// </summary>
public sealed class ReplicaLifeCycleWorker
{
    private static readonly TimeSpan TellWaitsEvery = TimeSpan.FromMinutes(1);

    // A peer that has not answered for so long does not lead.
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(30);

    private readonly HostedDisk _disk;
    private readonly ReplicationEngine? _replication;
    private readonly StoreOpener _opener;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Dictionary<HostedReplica, DateTimeOffset> _toldAt = [];

    internal ReplicaLifeCycleWorker(
        HostedDisk disk, ReplicationEngine? replication, StoreOpener opener, TimeProvider time, ILogger logger)
    {
        (_disk, _replication, _opener, _time, _logger) = (disk, replication, opener, time, logger);
    }

    public string MountPath => _disk.MountPath;

    /// <summary>Looks at every replica of the disk; returns how many it moved on.</summary>
    public async ValueTask<int> RunOnceAsync(CancellationToken token)
    {
        int moved = 0;
        Rank();
        foreach (HostedReplica gone in _toldAt.Keys.Except(_disk.Replicas).ToList())
        {
            _toldAt.Remove(gone);
        }

        foreach (HostedReplica replica in _disk.Replicas)
        {
            token.ThrowIfCancellationRequested();
            moved += await MoveOnAsync(replica, token) ? 1 : 0;
        }

        return moved;
    }

    /// <summary>Decides for each replica whether it is the one to lead.</summary>
    internal void Rank()
    {
        ClusterView view = _opener.View;
        HashSet<DataNodeId> answering = Answering();
        foreach (HostedReplica replica in _disk.Replicas)
        {
            replica.OnRanked(IsFirst(view, replica, answering));
        }
    }

    private HashSet<DataNodeId> Answering()
    {
        DateTimeOffset since = _time.GetUtcNow() - SilentAfter;
        return [.. (_replication?.Lags ?? []).Where(lag => lag.LastContact >= since).Select(lag => lag.Peer)];
    }

    private static bool IsFirst(ClusterView view, HostedReplica replica, HashSet<DataNodeId> answering) =>
        view.FindPartition(replica.Partition) is { } partition
        && LeaderRule.LeaderOf(
            partition.Replicas,
            replica.Place.DataCenter,
            other => other.Node == replica.Place.Node || answering.Contains(other.Node))?.Node == replica.Place.Node;

    private async ValueTask<bool> MoveOnAsync(HostedReplica replica, CancellationToken token)
    {
        switch (replica.State)
        {
            case ReplicaState.Bootstrap when _replication?.IsLevel(replica.Partition) == true:
                return await LevelAsync(replica, token);
            case ReplicaState.Bootstrap:
                TellWaits(replica);
                return false;
            case ReplicaState.Inactive:
                return Drain(replica);
            default:
                return false;
        }
    }

    /// <summary>The mark goes first: what a crash leaves behind must not be behind and unmarked.</summary>
    private async ValueTask<bool> LevelAsync(HostedReplica replica, CancellationToken token)
    {
        await _disk.EnterAsync();
        try
        {
            // With the disk held the store stays the one that is level.
            if (replica.Store is not { Status.State: StoreState.Running } store || _disk.Disk is not { } disk
                || !replica.IsBehind || _replication?.IsLevel(replica.Partition) != true)
            {
                return false;
            }

            await new ReplicaMarks(disk, replica.Folder).ClearAsync(ReplicaMarks.Bootstrap, token);
            bool isLevel = replica.OnLevel(store);
            if (isLevel)
            {
                Log.ReplicaLevel(_logger, replica.Partition);
            }

            return isLevel;
        }
        catch (IOException e)
        {
            // Its health knows of it. It catches up a little longer.
            Log.MaintenanceFailed(_logger, replica.Partition, e);
            return false;
        }
        finally
        {
            _disk.Exit();
        }
    }

    private bool Drain(HostedReplica replica)
    {
        bool wasDrained = replica.IsDrained;
        replica.IsDrained = _replication?.IsDrained(replica.Partition) ?? false;
        if (replica.IsDrained && !wasDrained)
        {
            Log.ReplicaDrained(_logger, replica.Partition);
        }

        return replica.IsDrained && !wasDrained;
    }

    private void TellWaits(HostedReplica replica)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (!_toldAt.TryGetValue(replica, out DateTimeOffset told))
        {
            // It has just begun.
            _toldAt[replica] = now;
        }
        else if (now - told >= TellWaitsEvery || now < told)
        {
            _toldAt[replica] = now;
            Log.ReplicaWaits(
                _logger, replica.Partition, string.Join(", ", _replication?.AwaitedBy(replica.Partition) ?? []));
        }
    }
}
