using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Testing.Peers;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Replication;

public class PeerScheduleTests
{
    private static readonly DataNodeId A = new("a", 1);
    private static readonly DataNodeId B = new("b", 1);
    private static readonly DataNodeId C = new("c", 1);
    private static readonly RoundOutcome Down = new(PeerError.Unreachable);
    private readonly PeerSchedule _schedule = new(Seconds(1), Seconds(5), new Backoff(
        Seconds(2), Seconds(30), new SequentialIds(1)));

    [Fact]
    public void A_peer_is_taken_by_one_worker_at_a_time()
    {
        _schedule.SetPeers([A, B], default);
        DataNodeId first = Take(0).ShouldNotBeNull();
        DataNodeId second = Take(0).ShouldNotBeNull();
        second.ShouldNotBe(first);
        Take(0).ShouldBeNull();

        _schedule.Release(first, new RoundOutcome(PeerError.None, HasMore: true), default);
        Take(0).ShouldBe(first);
    }

    [Fact]
    public void A_level_peer_is_asked_again_after_the_pause()
    {
        _schedule.SetPeers([A], default);
        Take(0);
        _schedule.Release(A, default, default);
        Take(0.7).ShouldBeNull();
        Take(1.3).ShouldBe(A);
    }

    [Fact]
    public void The_one_that_is_furthest_behind_goes_first()
    {
        _schedule.SetPeers([A, B, C], default);
        Behind(A, 10, at: 0);
        Behind(B, 1000, at: 0);
        Behind(C, 100, at: 0);
        (Take(1), Take(1), Take(1)).ShouldBe((B, C, A));
    }

    [Fact]
    public void Who_waits_too_long_goes_before_the_laggards()
    {
        _schedule.SetPeers([A, B], default);
        Behind(A, 0, at: 0);
        for (int second = 0; second <= 5; second++)
        {
            Behind(B, 1_000_000, at: second);
            Take(second).ShouldBe(B);
            _schedule.Release(B, new RoundOutcome(PeerError.None, true, 1_000_000), Seconds(second));
        }

        Take(5.5).ShouldBe(A);
        Take(5.5).ShouldBe(B);
    }

    [Fact]
    public void Failures_double_the_pause_to_its_maximum_with_jitter()
    {
        _schedule.SetPeers([A], default);
        double now = 0;
        double[] expected = [2, 4, 8, 16, 30, 30];
        foreach (double pause in expected)
        {
            Take(now).ShouldBe(A);
            _schedule.Release(A, Down, Seconds(now));
            _schedule.IsUp(A).ShouldBeFalse();
            Take(now + (pause * 0.74)).ShouldBeNull();
            now += pause * 1.26;
        }

        Take(now).ShouldBe(A);
        _schedule.Release(A, default, Seconds(now));
        _schedule.IsUp(A).ShouldBeTrue();
    }

    [Fact]
    public void A_peer_that_asks_itself_is_asked_at_once()
    {
        _schedule.SetPeers([A], default);
        for (int i = 0; i < 6; i++)
        {
            Take(i * 100).ShouldBe(A);
            _schedule.Release(A, Down, Seconds(i * 100));
        }

        Take(505).ShouldBeNull();
        _schedule.OnContact(A, Seconds(505));
        Take(505).ShouldBe(A);
        _schedule.IsUp(A).ShouldBeTrue();
    }

    [Fact]
    public void Those_that_are_not_allowed_wait_and_those_that_left_are_forgotten()
    {
        _schedule.SetPeers([A, B], default);
        _schedule.TryTake(default, peer => peer == B).ShouldBe(B);
        _schedule.TryTake(default, peer => peer == B).ShouldBeNull();
        _schedule.SetPeers([A], default);
        _schedule.Release(B, default, default);
        (Take(100), Take(100)).ShouldBe((A, null));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private DataNodeId? Take(double at) => _schedule.TryTake(Seconds(at), _ => true);

    private void Behind(DataNodeId peer, long bytes, int at)
    {
        _schedule.TryTake(Seconds(at), other => other == peer).ShouldBe(peer);
        _schedule.Release(peer, new RoundOutcome(PeerError.None, true, bytes), Seconds(at));
    }
}
