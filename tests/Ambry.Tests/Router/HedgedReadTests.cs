using Ambry.Protocol;
using Ambry.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>Reads over replicas that are slow, hang, or fail; all on one thread by a clock that stands still.</summary>
public class HedgedReadTests
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void A_second_replica_is_asked_when_the_first_is_slow_and_the_loser_goes_when_it_comes()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            await world.SettleAsync(Millisecond);
            world.Peers.ClearCalls();
            int asked = 0;
            world.Peers.Delay = async (_, token) =>
            {
                await world.WaitAsync(++asked == 1 ? 400 * Millisecond : Millisecond, token);
                return PeerError.None;
            };

            TimeSpan took = await world.TimeAsync(() => world.ReadAsync(id, 0, 100));

            // The wait before anything is known, and the second's answer.
            took.ShouldBeInRange(51 * Millisecond, 53 * Millisecond);
            world.Peers.Calls.Count.ShouldBe(2);
            world.Peers.Calls[0].Node.ShouldNotBe(world.Peers.Calls[1].Node);
            world.PeerPool.Outstanding.ShouldBe(0);
            world.Router.BytesInUse.ShouldBeGreaterThan(0);
            await world.SettleAsync(400 * Millisecond);
        });
    }

    [Theory]
    [InlineData(PeerError.Corrupt)]
    [InlineData(PeerError.NotFound)]
    [InlineData(PeerError.NotLevel)]
    [InlineData(PeerError.Busy)]
    [InlineData(PeerError.Unreachable)]
    public void A_replica_that_fails_fast_is_followed_by_the_next_at_once(PeerError fault)
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            world.Peers.ClearCalls();
            int asked = 0;
            world.Peers.FaultBefore = _ => ++asked == 1 ? fault : PeerError.None;

            TimeSpan took = await world.TimeAsync(() => world.ShouldReadAsync(id, RouterWorld.Bytes(100)));

            took.ShouldBe(TimeSpan.Zero);
            world.Peers.Calls.Count.ShouldBe(2);
            world.ShouldHoldNothing();
        });
    }

    [Fact]
    public void No_more_than_two_are_in_flight_and_what_all_leave_unanswered_is_unavailable()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            world.Peers.ClearCalls();
            int inFlight = 0;
            int most = 0;
            world.Peers.Delay = async (_, token) =>
            {
                most = Math.Max(most, ++inFlight);
                await world.WaitAsync(TimeSpan.FromSeconds(2), token);
                inFlight--;
                return PeerError.Unreachable;
            };

            OpenBlobResult opened = await world.Router.OpenReadAsync(id, 0, 100, ReadScope.Live, default);

            opened.Error.ShouldBe(RouterError.Unavailable);
            most.ShouldBe(2);
            world.Peers.Calls.Count.ShouldBe(3);
            world.ShouldHoldNothing();
        });
    }

    [Fact]
    public void A_node_that_hangs_costs_no_read_two_seconds_and_is_left_alone_once_it_is_known()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            var blobs = new List<BlobId>();
            for (int i = 0; i < 20; i++)
            {
                blobs.Add(await world.PutAsync(RouterWorld.Bytes(3 * RouterWorld.ChunkBytes)));
            }

            world.Peers.Delay = world.Hang(world.Nodes[0]);
            world.Peers.ClearCalls();
            var slowest = TimeSpan.Zero;
            for (int round = 0; round < 20; round++)
            {
                // All at once, more than there are hedges.
                TimeSpan[] took = await Task.WhenAll(blobs.Select(id => world.TimeAsync(() => world.ReadAsync(id))));
                slowest = took.Max() > slowest ? took.Max() : slowest;
                await world.WaitAsync(100 * Millisecond);
            }

            slowest.ShouldBeLessThan(TimeSpan.FromSeconds(1.2));
            world.Peers.ClearCalls();
            for (int i = 0; i < 200; i++)
            {
                await world.ReadAsync(blobs[i % blobs.Count]);
            }

            world.Peers.Calls.Count(c => c.Node == world.Nodes[0]).ShouldBeLessThan(3);
            await world.SettleAsync(TimeSpan.FromSeconds(3));
        });
    }

    [Fact]
    public void A_node_that_hung_is_asked_again_seconds_after_it_came_back()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            world.Peers.Delay = world.Hang(world.Nodes[0]);
            await ReadForAsync(world, id, TimeSpan.FromSeconds(10));
            world.Peers.Delay = null;
            await ReadForAsync(world, id, TimeSpan.FromSeconds(9));
            world.Peers.ClearCalls();

            for (int i = 0; i < 300; i++)
            {
                await world.ReadAsync(id);
            }

            world.Peers.Calls.Count(c => c.Node == world.Nodes[0]).ShouldBeInRange(60, 140);
        });
    }

    [Fact]
    public void Hedges_stay_a_tenth_of_the_reads_however_slow_everything_becomes()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            const int Reads = 600;
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            world.Peers.ClearCalls();
            int asked = 0;
            world.Peers.Delay = async (_, token) =>
            {
                // Each slower than the one before, so that every one is slower than nine of ten.
                await world.WaitAsync((55 + (asked++ / 4.0)) * Millisecond, token);
                return PeerError.None;
            };
            for (int i = 0; i < Reads; i++)
            {
                await world.ReadAsync(id);
            }

            (world.Peers.Calls.Count - Reads).ShouldBeInRange(20, (Reads / 10) + 10);
            await world.SettleAsync(TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public void A_node_that_is_50_ms_slower_than_the_others_does_not_show_in_the_slowest_hundredth()
    {
        (double hedged, int requests) = MeasureSlowNode(hedgeShare: 0.1, reads: 3000);

        hedged.ShouldBeLessThan(52 / 3.0);
        requests.ShouldBeLessThan(3000 * 11 / 10);
    }

    [Fact]
    public void A_cancelled_read_ends_at_once_and_leaves_nothing()
    {
        var world = new RouterWorld();
        world.Run(async () =>
        {
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            await world.SettleAsync(Millisecond);
            world.Peers.Delay = world.Hang(world.Nodes);
            using var cancel = new CancellationTokenSource();
            Task<OpenBlobResult> opening =
                world.Router.OpenReadAsync(id, 0, 100, ReadScope.Live, cancel.Token).AsTask();
            await world.WaitAsync(100 * Millisecond);
            world.Router.BytesInUse.ShouldBe(200);

            cancel.Cancel();

            bool wasCancelled = false;
            try
            {
                await opening;
            }
            catch (OperationCanceledException)
            {
                wasCancelled = true;
            }

            wasCancelled.ShouldBeTrue();
            world.ShouldHoldNothing();
        });
    }

    [Fact]
    public void Without_memory_for_two_answers_one_that_hangs_makes_way_for_the_next()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 2 * RouterWorld.ChunkBytes);
        world.Run(async () =>
        {
            byte[] content = RouterWorld.Bytes(RouterWorld.ChunkBytes);
            BlobId id = await world.PutAsync(content);
            await world.SettleAsync(Millisecond);
            OpenBlobResult held = await world.Router.OpenReadAsync(
                id, 0, RouterWorld.ChunkBytes, ReadScope.Live, default);
            world.Peers.ClearCalls();
            int asked = 0;
            world.Peers.Delay = async (_, token) =>
            {
                await world.WaitAsync(++asked == 1 ? TimeSpan.FromMinutes(1) : TimeSpan.Zero, token);
                return PeerError.None;
            };

            TimeSpan took = await world.TimeAsync(async () =>
            {
                OpenBlobResult opened = await world.Router.OpenReadAsync(
                    id, 0, RouterWorld.ChunkBytes, ReadScope.Live, default);
                opened.Error.ShouldBe(RouterError.None);
                await opened.Reader!.DisposeAsync();
            });

            took.ShouldBeInRange(500 * Millisecond, 502 * Millisecond);
            await held.Reader!.DisposeAsync();
            world.ShouldHoldNothing();
        });
    }

    private static (double P99, int Requests) MeasureSlowNode(double hedgeShare, int reads)
    {
        var world = new RouterWorld(configure: o => o.HedgeShare = hedgeShare);
        var random = new Random(5);
        var took = new List<double>();
        world.Run(async () =>
        {
            BlobId id = await world.PutAsync(RouterWorld.Bytes(100));
            world.Peers.Delay = async (call, token) =>
            {
                int wait = random.Next(1, 4) + (call.Node == world.Nodes[1] ? 50 : 0);
                await world.WaitAsync(wait * Millisecond, token);
                return PeerError.None;
            };
            for (int i = 0; i < 200; i++)
            {
                await world.ReadAsync(id);
            }

            world.Peers.ClearCalls();
            for (int i = 0; i < reads; i++)
            {
                took.Add((await world.TimeAsync(() => world.ReadAsync(id))).TotalMilliseconds);
            }
        });
        took.Sort();
        return (took[took.Count * 99 / 100], world.Peers.Calls.Count);
    }

    private static async Task ReadForAsync(RouterWorld world, BlobId id, TimeSpan time)
    {
        long start = world.Time.GetTimestamp();
        while (world.Time.GetElapsedTime(start) < time)
        {
            await world.ReadAsync(id);
            await world.WaitAsync(10 * Millisecond);
        }
    }
}
