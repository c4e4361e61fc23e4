using Ambry.Protocol;
using Ambry.Replication;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Replication;

public class PeerProgressTests
{
    private static readonly Guid Own = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid Other = new("ff112233-4455-6677-8899-aabbccddeeff");
    private static readonly DataNodeId A = new("a", 1);
    private static readonly DataNodeId B = new("b", 1);

    [Fact]
    public void Without_peers_everything_is_passed() =>
        new PeerProgress(Own, [], []).FloorLsn.ShouldBe(long.MaxValue);

    [Fact]
    public void The_slowest_peer_holds_the_floor()
    {
        var progress = new PeerProgress(Own, [A, B], []);
        progress.FloorLsn.ShouldBe(0);
        progress.OnAsked(A, new FindToken(Own, 50));
        progress.FloorLsn.ShouldBe(0);
        progress.OnAsked(B, new FindToken(Own, 40));
        progress.FloorLsn.ShouldBe(40);
        progress.OnAsked(B, new FindToken(Own, 60));
        progress.FloorLsn.ShouldBe(50);
    }

    [Fact]
    public void A_token_of_another_store_has_passed_nothing()
    {
        var progress = new PeerProgress(Own, [A], []);
        progress.OnAsked(A, new FindToken(Other, 50));

        progress.FloorLsn.ShouldBe(0);
    }

    [Fact]
    public void A_rebuilt_peer_lowers_the_floor()
    {
        var progress = new PeerProgress(Own, [A], []);
        progress.OnAsked(A, new FindToken(Own, 50));
        progress.OnAsked(A, FindToken.Start);

        progress.FloorLsn.ShouldBe(0);
    }

    [Fact]
    public void Strangers_do_not_count()
    {
        var progress = new PeerProgress(Own, [A], [new PeerTokens(B, default, new FindToken(Own, 5))]);
        progress.OnAsked(A, new FindToken(Own, 50));
        progress.OnAsked(B, FindToken.Start);

        progress.FloorLsn.ShouldBe(50);
    }

    [Fact]
    public void A_new_peer_holds_the_floor_and_one_that_left_does_not()
    {
        var progress = new PeerProgress(Own, [A], []);
        progress.OnAsked(A, new FindToken(Own, 50));

        progress.SetPeers([A, B]);
        progress.FloorLsn.ShouldBe(0);
        progress.SetPeers([A]);
        progress.FloorLsn.ShouldBe(50);
    }

    [Fact]
    public void A_floor_outlives_a_restart()
    {
        var progress = new PeerProgress(Own, [A, B], []);
        progress.OnAsked(A, new FindToken(Own, 50));
        progress.OnAsked(B, new FindToken(Own, 60));
        var pulled = new Dictionary<DataNodeId, FindToken> { [A] = new(Other, 7) };

        ReplicaTokens read = ReplicaTokens.TryRead(progress.ToPersist(pulled).Encode()).ShouldNotBeNull();

        new PeerProgress(Own, [A, B], read.Peers).FloorLsn.ShouldBe(50);
        read.Peers.ShouldBe(
        [
            new PeerTokens(A, new FindToken(Other, 7), new FindToken(Own, 50)),
            new PeerTokens(B, FindToken.Start, new FindToken(Own, 60)),
        ]);
    }
}
