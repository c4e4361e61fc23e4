using Ambry.Protocol;
using Ambry.Replication;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

public class PullVerdictTests
{
    private static readonly Guid Old = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly Guid New = new("ff112233-4455-6677-8899-aabbccddeeff");
    private static readonly ReplicaPosition Asked = new(P0, new FindToken(Old, 50), new FindToken(Old, 40));

    [Fact]
    public void Records_behind_the_position_are_taken()
    {
        PullVerdict verdict = PullVerdict.Of(Asked, Answer(new FindToken(Old, 60), 70, 51, 55, 60));
        verdict.ShouldBe(new PullVerdict(PeerError.None, Asked.Next, IsRestart: false));
    }

    [Fact]
    public void A_replaced_store_is_read_from_its_start()
    {
        PullVerdict verdict = PullVerdict.Of(Asked, Answer(new FindToken(New, 3), 3, 1, 2, 3));
        verdict.ShouldBe(new PullVerdict(PeerError.None, new FindToken(New, 0), IsRestart: true));
    }

    [Fact]
    public void A_store_that_lost_its_end_is_read_from_the_end_it_has()
    {
        PullVerdict verdict = PullVerdict.Of(Asked, Answer(new FindToken(Old, 45), 45));
        verdict.ShouldBe(new PullVerdict(PeerError.None, new FindToken(Old, 45), IsRestart: true));
    }

    [Fact]
    public void What_a_peer_refuses_is_not_a_position()
    {
        var refused = new ReplicaChanges(P0, PeerError.ReplicaUnavailable, default, 0, 0, []);
        PullVerdict.Of(Asked, refused).ShouldBe(new PullVerdict(PeerError.ReplicaUnavailable, Asked.Next, false));
    }

    [Fact]
    public void An_answer_that_contradicts_itself_counts_for_nothing()
    {
        ReplicaChanges[] unsound =
        [
            Answer(new FindToken(Old, 60), 59, 55),
            Answer(new FindToken(Old, 60), 70, 50),
            Answer(new FindToken(Old, 60), 70, 55, 55),
            Answer(new FindToken(Old, 60), 70, 55, 54),
            Answer(new FindToken(Old, 60), 70, 61),
            Answer(new FindToken(Old, 45), 70, 46),
            Answer(new FindToken(Guid.Empty, 60), 70, 55),
            Answer(new FindToken(Old, 60), 70, 55) with { Partition = new PartitionId(9) },
            Answer(new FindToken(Old, 60), 70) with { Entries = [Entry(55) with { SizeBytes = -1 }] },
            Answer(new FindToken(Old, 60), 70) with { Entries = [Entry(55) with { SizeBytes = (4 << 20) + 1 }] },
            Answer(new FindToken(Old, 60), 70) with { Entries = [Entry(55) with { Id = Id(1, new PartitionId(3)) }] },
        ];
        foreach (ReplicaChanges answer in unsound)
        {
            PullVerdict.Of(Asked, answer).ShouldBe(new PullVerdict(PeerError.BadRequest, Asked.Next, false));
        }
    }

    private static ReplicaChanges Answer(FindToken next, long lastLsn, params long[] lsns) =>
        new(P0, PeerError.None, next, lastLsn, 0, [.. lsns.Select(Entry)]);

    private static StoreEntry Entry(long lsn) =>
        new(lsn, Id((int)lsn), StoreRecordKind.Put, 0, DateTimeOffset.UnixEpoch, null, 100, 1);
}
