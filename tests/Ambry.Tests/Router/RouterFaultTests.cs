using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>Clients at work over peers that are slow, hang, refuse, lie and lose answers, by seed.</summary>
public class RouterFaultTests
{
    private static readonly PeerError[] Faults =
    [
        PeerError.Unreachable, PeerError.Busy, PeerError.ReplicaUnavailable, PeerError.DiskUnavailable,
        PeerError.TemporarilyDisabled, PeerError.NotLevel, PeerError.PartitionReadOnly, PeerError.Internal,
    ];

    [Fact]
    public void No_acknowledged_blob_is_lost_or_called_missing_and_all_memory_comes_back()
    {
        for (int seed = 1; seed <= 12; seed++)
        {
            RunSeed(seed);
        }
    }

    private static void RunSeed(int seed)
    {
        var random = new Random(seed);
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 24 * RouterWorld.ChunkBytes);
        world.Run(
            async () =>
            {
                int bad = random.Next(3);
                world.Peers.Delay = async (call, token) =>
                {
                    bool isBad = call.Node == world.Nodes[bad] && random.Next(4) == 0;
                    int wait = isBad ? random.Next(0, 3000) : random.Next(0, 20);
                    await world.WaitAsync(TimeSpan.FromMilliseconds(wait), token);
                    return wait >= 2000 ? PeerError.Unreachable : PeerError.None;
                };
                world.Peers.FaultBefore = c => Fault(c);
                world.Peers.FaultAfter = c => c.Node == world.Nodes[bad] && random.Next(10) == 0
                    ? PeerError.Unreachable : PeerError.None;
                await Task.WhenAll(Enumerable.Range(0, 6).Select(c => RunClientAsync(world, random, seed, c)));
                await world.SettleAsync(TimeSpan.FromSeconds(10));

                PeerError Fault(PeerCall call) => call.Node == world.Nodes[bad] && random.Next(5) == 0
                    ? Faults[random.Next(Faults.Length)] : PeerError.None;
            },
            seed);
    }

    private static async Task RunClientAsync(RouterWorld world, Random random, int seed, int client)
    {
        var alive = new List<(BlobId Id, byte[] Content)>();
        for (int step = 0; step < 25; step++)
        {
            string where = $"seed {seed}, client {client}, step {step}";
            int choice = random.Next(10);
            if (choice < 4 || alive.Count == 0)
            {
                byte[] content = RouterWorld.Bytes(random.Next(5 * RouterWorld.ChunkBytes), step);
                PutBlobResult put = await world.Router.PutAsync(RouterWorld.Plain, new MemoryStream(content), default);
                put.Error.ShouldBeOneOf(
                    [RouterError.None, RouterError.Unavailable, RouterError.Busy, RouterError.InsufficientCapacity],
                    where);
                if (put.Error == RouterError.None)
                {
                    alive.Add((put.Id, content));
                }
            }
            else
            {
                int at = random.Next(alive.Count);
                await UseAsync(world, alive, at, choice, where);
            }
        }
    }

    private static async Task UseAsync(
        RouterWorld world, List<(BlobId Id, byte[] Content)> alive, int at, int choice, string where)
    {
        (BlobId id, byte[] content) = alive[at];
        if (choice == 4)
        {
            alive.RemoveAt(at);
            (await world.Router.DeleteAsync(id, DeleteScope.Whole, default)).ShouldNotBe(RouterError.NotFound, where);
            return;
        }

        long start = world.Time.GetTimestamp();
        OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, content.Length, ReadScope.Live, default);
        opened.Error.ShouldBe(RouterError.None, where);
        await using IBlobReader reader = opened.Reader!;
        world.Time.GetElapsedTime(start).ShouldBeLessThan(TimeSpan.FromSeconds(2), where);
        if (choice > 5)
        {
            (await RouterWorld.DrainAsync(reader)).ShouldBe(content, where);
        }
    }
}
