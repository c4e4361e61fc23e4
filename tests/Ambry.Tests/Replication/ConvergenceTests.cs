using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Testing.Replication;
using Shouldly;
using Xunit;
using Xunit.Abstractions;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

/// <summary>
/// Three replicas under random changes, lost calls, restarts, power cuts and wiped disks. Then the faults stop, and all
/// agree; nothing that is still somewhere by a quorum's word is lost.
/// </summary>
public class ConvergenceTests(ITestOutputHelper output)
{
    private const int Blobs = 40;
    private const int Steps = 120;

    [Theory]
    [InlineData(DurabilityMode.Group, false, 1, 20)]
    [InlineData(DurabilityMode.Group, true, 101, 10)]
    [InlineData(DurabilityMode.Interval, false, 201, 10)]
    [InlineData(DurabilityMode.Interval, true, 301, 16)]
    public async Task Replicas_agree_whatever_happened_to_them(
        DurabilityMode mode, bool isReckless, int firstSeed, int seeds)
    {
        for (int seed = firstSeed; seed < firstSeed + seeds; seed++)
        {
            output.WriteLine($"seed {seed}, {mode}, reckless {isReckless}");
            var story = new Story(seed, await StartAsync(mode), isReckless);
            await story.TellAsync();
            await story.EndAsync();
        }
    }

    private static Task<ReplicationWorld> StartAsync(DurabilityMode mode) => ReplicationWorld.StartAsync(
        new ReplicationShape
        {
            Partitions = 2,
            Durability = mode,
            JournalEntries = 8,
            IndexRollEntries = 16,
            FlushInterval = TimeSpan.FromSeconds(2),
            SegmentBytes = 64 << 10,
            DeletedRetention = TimeSpan.FromSeconds(30),
            Configure = options => options.MaxEntries = 7,
        });

    /// <param name="isReckless">More fails than the promise allows for: what remains is the same everywhere.</param>
    private sealed class Story(int seed, ReplicationWorld world, bool isReckless)
    {
        private readonly Random _random = new(seed);
        private readonly Dictionary<int, int> _acknowledged = [];
        private readonly HashSet<int> _deleted = [];
        private readonly HashSet<int> _joining = [];

        public async Task TellAsync()
        {
            world.Network.FaultBefore = _ => _random.Next(10) == 0 ? PeerError.Unreachable : PeerError.None;
            world.Network.FaultAfter = _ => _random.Next(10) == 0 ? PeerError.Unreachable : PeerError.None;
            for (int step = 0; step < Steps; step++)
            {
                await StepAsync();
                Settle();
            }
        }

        public async Task EndAsync()
        {
            world.Network.FaultBefore = null;
            world.Network.FaultAfter = null;
            foreach (ReplicationNode node in world.Nodes.Where(node => !node.IsUp))
            {
                await node.StartAsync();
            }

            await world.RunAsync(TimeSpan.FromSeconds(60));
            foreach (ReplicationNode node in world.Nodes)
            {
                node.Engine.IsLevel(P0).ShouldBeTrue($"seed {seed}: {node.Id}");
                node.Engine.Lags.ShouldAllBe(lag => lag.LagSeconds == 0 && lag.LagBytes == 0);
                node.Engine.CorruptItems.ShouldBeEmpty();
            }

            await CompareAsync();
            await CloseAsync();
        }

        private async Task StepAsync()
        {
            switch (_random.Next(20))
            {
                case < 9:
                    await PutAsync();
                    break;
                case < 12:
                    await DeleteAsync();
                    break;
                case < 13:
                    await ChangeLifeAsync();
                    break;
                case < 17:
                    await world.RunAsync(TimeSpan.FromMilliseconds(_random.Next(3000)));
                    break;
                case < 18:
                    await CompactAsync();
                    break;
                default:
                    await TroubleAsync();
                    break;
            }
        }

        private static int SizeOf(int number) => number * 370;

        private static PartitionId PartitionOf(int number) => new((uint)(number % 2));

        private IEnumerable<int> Writable() => Enumerable.Range(0, 3).Where(node => world[node].IsUp
            && world[node].Replica(P0).State == ReplicaState.Standby);

        private async Task PutAsync()
        {
            int number = _random.Next(Blobs);
            if (_deleted.Contains(number))
            {
                // An id is written once: nobody writes it again after its deletion.
                return;
            }

            int copies = 0;
            foreach (int node in Writable().OrderBy(_ => _random.Next()).Take(_random.Next(1, 4)))
            {
                StoreError error = await ReplicationKit.PutAsync(
                    world, node, number, SizeOf(number), PartitionOf(number));
                error.ShouldBeOneOf(StoreError.None, StoreError.Deleted);
                copies += error == StoreError.None ? 1 : 0;
            }

            if (copies >= 2)
            {
                _acknowledged.TryAdd(number, SizeOf(number));
            }
        }

        private async Task DeleteAsync()
        {
            int number = _random.Next(Blobs);
            foreach (int node in Enumerable.Range(0, 3).Where(n => world[n].IsUp && _random.Next(3) > 0))
            {
                if (await ReplicationKit.DeleteAsync(world, node, number, PartitionOf(number)) == StoreError.None)
                {
                    _deleted.Add(number);
                }
            }
        }

        private async Task ChangeLifeAsync()
        {
            int number = _random.Next(Blobs);
            int node = _random.Next(3);
            if (world[node].IsUp)
            {
                _deleted.Add(number);
                await world[node].Store(PartitionOf(number)).UndeleteAsync(
                    new UndeleteBlobRequest(Id(number, PartitionOf(number)), world.Time.GetUtcNow()), NoToken);
            }
        }

        private async Task CompactAsync()
        {
            if (_random.Next(2) == 0)
            {
                world.Time.Advance(TimeSpan.FromSeconds(40));
            }

            int node = _random.Next(3);
            if (world[node].IsUp)
            {
                await CompactNodeAsync(world[node]);
            }
        }

        private static async Task CompactNodeAsync(ReplicationNode node)
        {
            for (uint partition = 0; partition < 2; partition++)
            {
                await ReplicationKit.CompactAsync(node.Store(new PartitionId(partition)));
            }
        }

        /// <summary>One node at a time, and none while another joins: two of three are the promise.</summary>
        private async Task TroubleAsync()
        {
            if (world.Nodes.FirstOrDefault(node => !node.IsUp) is { } down)
            {
                await down.StartAsync();
                return;
            }

            int index = _random.Next(3);
            ReplicationNode node = world[index];
            int kind = _random.Next(4);
            bool losesData = kind == 3 || (kind == 2 && world.Shape.Durability == DurabilityMode.Interval);
            if (losesData && (_joining.Count > 0 || !AllAreLevel()))
            {
                if (!isReckless)
                {
                    await world.RunAsync(TimeSpan.FromSeconds(5));
                    return;
                }

                _acknowledged.Clear();
            }

            if (losesData)
            {
                _joining.Add(index);
            }

            await (kind switch
            {
                0 => node.StopAsync(),
                1 => node.KillAsync(),
                2 => node.CutPowerAsync(_random.Next()),
                _ => node.WipeAsync(),
            });
        }

        /// <summary>
        /// A wiped node takes the only second copy of what another lacks; so trouble waits until all have all.
        /// </summary>
        private bool AllAreLevel() => world.Nodes.All(node => node.Engine.Lags.Count == 4
            && node.Engine.Lags.All(lag => lag.Durable == EndOf(lag.Peer, lag.Partition)));

        private FindToken EndOf(DataNodeId node, PartitionId partition)
        {
            BlobStore store = world.Nodes.Single(other => other.Id == node).Store(partition);
            return new FindToken(store.IncarnationId, store.LastLsn);
        }

        /// <summary>What a server does: what is level serves, what may have lost some joins anew.</summary>
        private void Settle()
        {
            foreach (int index in Enumerable.Range(0, 3).Where(index => world[index].IsUp))
            {
                for (uint p = 0; p < 2; p++)
                {
                    ReplicationReplica replica = world[index].Replica(new PartitionId(p));
                    bool isLevel = world[index].Engine.IsLevel(new PartitionId(p));
                    if (_joining.Contains(index) && !isLevel)
                    {
                        replica.State = ReplicaState.Bootstrap;
                    }
                    else if (isLevel && replica.State == ReplicaState.Bootstrap)
                    {
                        replica.State = ReplicaState.Standby;
                    }
                }

                if (Enumerable.Range(0, 2).All(p =>
                    world[index].Replica(new PartitionId((uint)p)).State == ReplicaState.Standby))
                {
                    _joining.Remove(index);
                }
            }
        }

        private async Task CompareAsync()
        {
            for (int number = 0; number < Blobs; number++)
            {
                var states = new StoreError[3];
                for (int node = 0; node < 3; node++)
                {
                    states[node] = await ErrorOfAsync(world, node, number, PartitionOf(number));
                }

                // A tombstone that all have passed may be gone in one store and not yet in another.
                StoreError[] seen =
                    [.. states.Select(s => s == StoreError.Deleted ? StoreError.NotFound : s).Distinct()];
                seen.Length.ShouldBe(1, $"seed {seed}, blob {number}: {string.Join(", ", states)}");
                if (seen[0] == StoreError.None)
                {
                    for (int node = 0; node < 3; node++)
                    {
                        await ShouldHoldAsync(world, node, number, SizeOf(number), PartitionOf(number));
                    }
                }
                else if (_acknowledged.ContainsKey(number))
                {
                    _deleted.ShouldContain(number, $"seed {seed}: blob {number} is lost");
                }
            }
        }

        private async Task CloseAsync()
        {
            foreach (ReplicationNode node in world.Nodes)
            {
                await node.StopAsync();
            }
        }
    }
}
