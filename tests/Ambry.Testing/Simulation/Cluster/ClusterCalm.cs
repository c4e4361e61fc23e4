using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Server;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// What must be once nothing is broken: within a bounded time all replicas are level and equal, and everything that was
/// acknowledged is on each of them. For one thread only.
/// </summary>
internal sealed class ClusterCalm(ClusterWorld world, ClusterModel model, SimOperator maps)
{
    /// <summary>Longer than any back-off of the product together with what is then to be done.</summary>
    private static readonly TimeSpan LevelWithin = TimeSpan.FromMinutes(4);

    /// <summary>Failure detectors try what they gave up at least as often.</summary>
    private static readonly TimeSpan DetectorBackoff = TimeSpan.FromSeconds(61);

    /// <summary>A read that was raced and lost holds its share until its replica answers, or until its limit.</summary>
    private static readonly TimeSpan ReleaseWithin = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until the replicas are level; from then on nothing may fail.</summary>
    public async Task BecomeLevelAsync()
    {
        await WaitUntilLevelAsync();
        if (model.HasFaults)
        {
            // What was sent before the faults ended times out first; then nothing happens but waiting.
            await world.Time.WaitAsync(ReleaseWithin);
            world.Time.Leap(DetectorBackoff);
            await world.Time.WaitAsync(Step);
            await WaitUntilLevelAsync();
        }

        world.Trace.Add("all is level");
        model.HasFaults = false;
    }

    private async Task WaitUntilLevelAsync()
    {
        TimeSpan until = world.Time.Elapsed + LevelWithin;
        string? missing = FindMissing() ?? await FindRotAsync();
        while (missing is not null)
        {
            ClusterModel.Demand(world.Time.Elapsed < until, $"after {LevelWithin} without faults {missing}");
            await world.Time.WaitAsync(Step);
            world.ThrowIfDefect();
            missing = FindMissing() ?? await FindRotAsync();
        }
    }

    /// <summary>Compares the replicas with each other and with what was acknowledged, and reads every blob.</summary>
    public async Task CheckEverythingAsync()
    {
        await CheckReplicasAsync();
        foreach (SimGateway gateway in world.Gateways)
        {
            var client = new ClusterClient(world, model, gateway);
            foreach (SimBlob blob in model.Blobs.Where(blob => !blob.IsPart).ToList())
            {
                await client.ReadAsync(blob, isWhole: true);
                await client.ReadPropertiesAsync(blob);
            }
        }

        await CheckNothingIsHeldAsync();
    }

    private async Task CheckReplicasAsync()
    {
        var contents = new Dictionary<PartitionId, ReplicaContents>();
        foreach (PartitionEntry partition in world.Layout.PartitionLayout.Partitions)
        {
            var id = new PartitionId(partition.Id);
            foreach (ReplicaEntry replica in partition.Replicas)
            {
                SimNode node = world.Find(new DataNodeId(replica.Hostname, replica.Port));
                ReplicaContents here = await ReplicaContents.ReadAsync(node, id);
                if (contents.TryAdd(id, here))
                {
                    continue;
                }

                ReplicaContents first = contents[id];
                string? difference = first.FindDifference(here, world.Time.GetUtcNow());
                ClusterModel.Demand(
                    difference is null,
                    $"partition {id} differs between {first.Name} and {here.Name}: {difference}");
            }
        }

        foreach (SimBlob blob in model.Blobs.Where(blob => !blob.IsPart))
        {
            Settle(blob, contents[blob.Id.Partition]);
        }
    }

    private void Settle(SimBlob blob, ReplicaContents contents)
    {
        DateTimeOffset now = world.Time.GetUtcNow();
        ReplicaBlob? record = contents.Find(blob.Id);
        bool isLive = record is { IsDeleted: false };
        string what = $"operation {blob.Operation}, {SimPeerClient.Short(blob.Id)} ({blob.Id})";
        DateTimeOffset? ends = blob.IsExpiryOpen ? blob.EarliestExpiry : blob.ExpiresAt;
        bool mayBeGone = blob.Fate != BlobFate.Live || ends <= now;
        ClusterModel.Demand(isLive || mayBeGone, $"{what} was acknowledged and is {record?.ToString() ?? "nowhere"}");
        ClusterModel.Demand(!isLive || blob.Fate != BlobFate.Deleted, $"{what} was deleted and is {record}");
        DateTimeOffset? expires = isLive ? record!.ExpiresAt : blob.ExpiresAt;
        ClusterModel.Demand(
            !isLive || blob.IsExpiryOpen || blob.Fate == BlobFate.Open || expires == blob.ExpiresAt,
            $"{what} expires at {expires}, not {blob.ExpiresAt}");
        bool isOpen = blob.Fate == BlobFate.Open && blob.Id.Kind == BlobKind.Composite;
        if (!isOpen)
        {
            blob.Settle(isLive || blob.Fate == BlobFate.Live ? BlobFate.Live : BlobFate.Deleted, expires);
        }
    }

    /// <summary>The first thing that is not as it should be; null when all is level.</summary>
    private string? FindMissing()
    {
        if ((maps.Unfinished ?? FindOldMap()) is { } change)
        {
            return change;
        }

        foreach (SimNode node in world.Nodes)
        {
            if (node.Node is not { } running)
            {
                return $"{node.Id} is down";
            }

            foreach (ReplicaStatus replica in running.Replicas)
            {
                if (replica.State is not (ReplicaState.Standby or ReplicaState.Leader))
                {
                    return $"{node.Id} has {replica.Partition} in {replica.State}: {replica.Reason}";
                }
            }

            if (FindLag(node) is { } lag)
            {
                return lag;
            }
        }

        SimGateway? busy = world.Gateways.FirstOrDefault(gateway => gateway.Router.BackgroundDeleter.Count > 0);
        return busy is null ? null : $"{busy.Site.Name} still deletes {busy.Router.BackgroundDeleter.Count} blobs";
    }

    private string? FindOldMap()
    {
        long newest = world.Layout.Version;
        return world.Nodes.Where(node => node.Node?.View.Layout.Version != newest).Select(node => node.Site.Name)
            .Concat(world.Gateways.Where(g => g.Map.Current.Layout.Version != newest).Select(g => g.Site.Name))
            .Select(name => $"{name} does not have map {newest}")
            .FirstOrDefault();
    }

    /// <summary>A damaged copy that no peer's copy has replaced yet.</summary>
    private async Task<string?> FindRotAsync()
    {
        if (!world.HasRot)
        {
            return null;
        }

        foreach (SimNode node in world.Nodes)
        {
            foreach (PartitionId partition in node.Node!.Replicas.Select(replica => replica.Partition).ToList())
            {
                if (await ReplicaContents.FindRotAsync(node, partition) is { } rot)
                {
                    return rot;
                }
            }
        }

        return null;
    }

    private string? FindLag(SimNode node) => node.Node!.Replication!.Lags
        .Where(lag => lag.LagBytes > 0 || lag.PeerLastLsn != LastLsnOf(lag) || lag.Pulled.Lsn != lag.PeerLastLsn)
        .Select(lag => $"{node.Id} lags in {lag.Partition} behind {lag.Peer}: {lag}")
        .FirstOrDefault();

    private long? LastLsnOf(ReplicaLag lag) => world.Find(lag.Peer).Node?.Replicas
        .Where(replica => replica.Partition == lag.Partition)
        .Select(replica => (long?)replica.LastLsn)
        .FirstOrDefault();

    private async Task CheckNothingIsHeldAsync()
    {
        TimeSpan until = world.Time.Elapsed + ReleaseWithin;
        string? held = FindHeld();
        while (held is not null)
        {
            ClusterModel.Demand(world.Time.Elapsed < until, held);
            await world.Time.WaitAsync(Step);
            held = FindHeld();
        }
    }

    /// <summary>Memory that nobody uses and somebody has.</summary>
    private string? FindHeld()
    {
        foreach (SimGateway gateway in world.Gateways)
        {
            if (gateway.Router.BytesInUse > 0 || gateway.Pool.Outstanding > 0)
            {
                return $"{gateway.Site.Name} holds {gateway.Router.BytesInUse} bytes of its budget and "
                    + $"{gateway.Pool.Outstanding} buffers";
            }
        }

        int answers = world.Network.Answers.Outstanding;
        return answers > 0 ? $"{answers} answers were never given back" : null;
    }
}
