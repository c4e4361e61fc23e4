using System.CommandLine;
using System.Globalization;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// `ambryctl verify cluster`: do all replicas of every partition hold the same blobs. Changes nothing.
/// </summary>
internal static class VerifyClusterCommand
{
    private const int MaxShown = 20;

    private static readonly TimeSpan LookAgainPause = TimeSpan.FromSeconds(1);

    private static readonly Option<string> Admin = new("--admin")
    {
        Description = "The admin listener of any node of the cluster.",
        HelpName = "HOST:PORT",
        Required = true,
    };

    private static readonly Option<bool> Content = new("--content")
    {
        Description = "Have every node read and check the content of every live blob too.",
    };

    private static readonly Option<int> Settle = new("--settle")
    {
        Description = "Look again at blobs that differ for so long: what was written between two readings is soon "
            + "level.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<uint[]> Partitions = new("--partition")
    {
        Description = "Only this partition; may be given more than once.",
        HelpName = "ID",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "cluster",
            "Compare what the replicas of every partition hold: the same live blobs with the same size, checksum, "
            + "expiry and life version. Exit 0 when all are equal, 1 when some differ, 2 when a replica could not "
            + "be asked.")
        {
            Admin, ClusterOptions.Token, Content, Settle, Partitions,
        };
        command.SetAction((parsed, token) => RunAsync(parsed, io, token));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, ControlStreams io, CancellationToken token)
    {
        var faults = new Faults();
        using ClusterNodes nodes = ClusterOptions.Cluster(parsed.GetValue(Admin)!, parsed, io, faults);
        uint[] only = parsed.GetValue(Partitions) ?? [];
        faults.ThrowIfAny();
        try
        {
            ClusterLayout layout = await nodes.ReadAsync(token);
            foreach (uint id in only.Where(id => layout.PartitionLayout.Partitions.All(p => p.Id != id)))
            {
                faults.Add($"--partition: the map has no partition {id}.");
            }

            faults.ThrowIfAny();
            var verification = new ClusterVerification(io, nodes, layout)
            {
                WithContent = parsed.GetValue(Content),
                Settle = TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(Settle))),
            };
            return await verification.RunAsync(
                layout.PartitionLayout.Partitions.Where(p => only.Length == 0 || only.Contains(p.Id)), token);
        }
        catch (IOException fault)
        {
            await io.Error.WriteLineAsync($"ambryctl: {fault.Message}");
            return ControlLine.UsageError;
        }
    }

    /// <summary>One run. Not thread safe.</summary>
    private sealed class ClusterVerification(ControlStreams io, ClusterNodes nodes, ClusterLayout layout)
    {
        private readonly ClusterView _view = new(layout, new DataCenterId(layout.HardwareLayout.Datacenters[0].Id));
        private readonly Dictionary<DataNodeId, DataNodeId> _admins = ClusterNodes.AdminsOf(layout);
        private long _liveBlobs;
        private int _different;
        private int _notAsked;

        public bool WithContent { get; init; }

        public TimeSpan Settle { get; init; }

        public async Task<int> RunAsync(IEnumerable<PartitionEntry> partitions, CancellationToken token)
        {
            int count = 0;
            foreach (PartitionEntry partition in partitions)
            {
                count++;
                try
                {
                    await VerifyAsync(partition, token);
                }
                catch (IOException fault)
                {
                    _notAsked++;
                    await io.Output.WriteLineAsync($"partition {new PartitionId(partition.Id)}: NOT COMPARED");
                    await io.Error.WriteLineAsync($"ambryctl: {fault.Message}");
                }
            }

            string verdict = (_different, _notAsked) switch
            {
                (0, 0) => "equal",
                (0, _) => $"NOT COMPARED in {Words.Count(_notAsked, "partition")}, equal elsewhere",
                (_, 0) => $"DIFFERENT in {Words.Count(_different, "partition")}",
                _ => $"DIFFERENT in {Words.Count(_different, "partition")}, NOT COMPARED in {_notAsked}",
            };
            await io.Output.WriteLineAsync(
                $"cluster: {verdict}; {Words.Count(count, "partition")}, {Words.Count(_liveBlobs, "live blob")}");
            return _different > 0 ? ControlLine.Failed : _notAsked > 0 ? ControlLine.UsageError : 0;
        }

        private async Task VerifyAsync(PartitionEntry partition, CancellationToken token)
        {
            var id = new PartitionId(partition.Id);
            IReadOnlyList<Replica> replicas = _view.FindPartition(id)!.Replicas;

            // What leaves takes no more writes, what is out of service may be far behind.
            DataNodeId[] places = [.. replicas
                .Where(r => ReplicaEligibility.MayTestifyAbsence(r.State)).Select(r => r.Node)];
            DataNodeId[] silent = [.. places.Where(node => !_admins.ContainsKey(node))];
            if (silent.Length > 0)
            {
                throw new IOException($"partition {id}: {silent[0]} has no adminPort in the map");
            }

            var comparison = new PartitionComparison(
                nodes.Client, id, [.. places.Select(node => _admins[node])], WithContent, PartitionComparison.MaxIds);
            await comparison.CompareAsync(io.Time.GetUtcNow(), token);
            long start = io.Time.GetTimestamp();
            while (comparison.MayLookAgain && io.Time.GetElapsedTime(start) < Settle)
            {
                await Task.Delay(LookAgainPause, io.Time, token);
                await comparison.LookAgainAsync(io.Time.GetUtcNow(), token);
            }

            _liveBlobs += comparison.LiveBlobs;
            _different += comparison.DifferentCount > 0 ? 1 : 0;
            IReadOnlyDictionary<DataNodeId, NodeAnswer> answers = await nodes.AskAsync(places, layout, token);
            await PrintAsync(id, places, [.. replicas.Select(r => r.Node).Except(places)], comparison, answers);
        }

        private async Task PrintAsync(
            PartitionId id,
            DataNodeId[] places,
            DataNodeId[] skipped,
            PartitionComparison comparison,
            IReadOnlyDictionary<DataNodeId, NodeAnswer> answers)
        {
            string verdict = comparison.DifferentCount == 0
                ? "equal,"
                : $"DIFFERENT, {comparison.DifferentCount} of";
            await io.Output.WriteLineAsync(
                $"partition {id}: {verdict} {Words.Count(comparison.LiveBlobs, "live blob")} on "
                + $"{Words.Count(places.Length, "replica")}"
                + (skipped.Length > 0 ? $", without {string.Join(", ", skipped)}" : ""));
            for (int i = 0; i < places.Length; i++)
            {
                string lag = LagOf(answers[places[i]].Status?.Replicas.FirstOrDefault(r => r.Partition == id.Value));
                if (comparison.DifferentCount > 0 || lag.Length > 0)
                {
                    await io.Output.WriteLineAsync($"  {places[i]}: last record {comparison.LastLsn[i]}{lag}");
                }
            }

            foreach ((BlobId blob, BlobState[] states) in comparison.Different
                .OrderBy(pair => pair.Key.ToString(), StringComparer.Ordinal).Take(MaxShown))
            {
                string each = string.Join("; ", states.Select((state, i) => $"{places[i]}: {state}"));
                await io.Output.WriteLineAsync($"  {blob}  {each}");
            }

            if (comparison.DifferentCount > MaxShown)
            {
                await io.Output.WriteLineAsync($"  and {comparison.DifferentCount - MaxShown} more");
            }
        }

        /// <summary>Empty when it is level with every peer.</summary>
        private static string LagOf(ReplicaStatus? replica)
        {
            PeerLagStatus? worst = replica?.Peers.MaxBy(peer => peer.LagBytes);
            string lag = worst is { LagBytes: > 0 }
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $", behind {worst.Peer} by {Words.Bytes(worst.LagBytes)}, {worst.LagSeconds:0.#} s")
                : "";
            return replica is { State: ReplicaState.Bootstrap } ? $"{lag}, still catching up" : lag;
        }
    }
}
