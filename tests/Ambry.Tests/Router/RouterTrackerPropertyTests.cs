using Ambry.ClusterMap;
using Ambry.Protocol;
using Ambry.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

/// <summary>The trackers against what they are for, over random clusters and answers.</summary>
public class RouterTrackerPropertyTests
{
    private const int Rounds = 20_000;

    private static readonly PeerError[] NoEvidence =
    [
        PeerError.NotLevel, PeerError.TemporarilyDisabled, PeerError.Unreachable, PeerError.Busy,
        PeerError.ReplicaUnavailable, PeerError.DiskUnavailable, PeerError.PartitionUnknown, PeerError.Internal,
    ];

    [Fact]
    public void An_acknowledged_blob_is_never_called_missing_whoever_fails_in_whatever_order()
    {
        var random = new Random(41);
        for (int round = 0; round < Rounds; round++)
        {
            Partition partition = MakePartition(random, ReplicaState.Standby, ReplicaState.Leader);
            Replica[] origin = partition.Replicas.Where(r => r.DataCenter.Value == 1).ToArray();
            int target = Math.Min(2, origin.Length);
            Replica[] holders = Shuffle(random, origin)[..target];
            var tracker = new OperationTracker(
                Shuffle(random, partition.Replicas), partition, new DataCenterId(1), 2, includeDeleted: false);

            while (tracker.TryNext(out Replica replica))
            {
                // Holders may be unable to answer; the others truly lack it, or cannot answer either.
                tracker.Report(
                    replica, holders.Contains(replica) || random.Next(3) == 0 ? Pick(random) : PeerError.NotFound);
            }

            tracker.Verdict.ShouldNotBe(RouterError.NotFound, $"round {round}");
            tracker.Verdict.ShouldNotBe(RouterError.None, $"round {round}");
            tracker.IsAbsent.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_blob_that_nobody_has_is_missing_once_enough_level_replicas_of_its_origin_said_so()
    {
        var random = new Random(42);
        for (int round = 0; round < Rounds; round++)
        {
            Partition partition = MakePartition(
                random, ReplicaState.Standby, ReplicaState.Bootstrap, ReplicaState.Inactive);
            int origin = partition.Replicas.Count(r => r.DataCenter.Value == 1);
            int needed = origin - Math.Min(2, origin) + 1;
            var tracker = new OperationTracker(
                Shuffle(random, partition.Replicas), partition, new DataCenterId(1), 2, includeDeleted: false);
            int witnesses = 0;
            while (tracker.TryNext(out Replica replica))
            {
                bool lacksIt = random.Next(2) == 0;
                bool testifies = replica.DataCenter.Value == 1 && replica.State == ReplicaState.Standby;
                witnesses += lacksIt && testifies ? 1 : 0;
                tracker.Report(replica, lacksIt ? PeerError.NotFound : Pick(random));
            }

            (tracker.Verdict == RouterError.NotFound).ShouldBe(witnesses >= needed, $"round {round}");
        }
    }

    [Fact]
    public void A_quorum_is_decided_exactly_when_no_further_answer_can_change_it()
    {
        var random = new Random(43);
        PeerError[] all = Enum.GetValues<PeerError>();
        foreach (ReplicaOperation operation in Enum.GetValues<ReplicaOperation>())
        {
            for (int round = 0; round < Rounds / 10; round++)
            {
                int sent = random.Next(1, 7);
                int target = random.Next(1, sent + 1);
                var tracker = new QuorumTracker(sent, target, operation);
                int good = 0;
                for (int answered = 1; answered <= sent; answered++)
                {
                    PeerError answer = all[random.Next(all.Length)];
                    good += QuorumTracker.IsSuccess(operation, answer) ? 1 : 0;
                    tracker.Report(answer);

                    bool canFail = good < target;
                    bool canSucceed = good + sent - answered >= target;
                    tracker.IsDecided.ShouldBe(!canFail || !canSucceed);
                    tracker.Reached.ShouldBe(!canFail);
                    tracker.AllAnswered.ShouldBe(answered == sent);
                }

                tracker.Successes.ShouldBe(good);
                (tracker.Failure == RouterError.None).ShouldBe(good == sent);
            }
        }
    }

    [Fact]
    public void A_majority_everywhere_meets_every_other_majority()
    {
        var random = new Random(44);
        for (int round = 0; round < Rounds / 4; round++)
        {
            Partition partition = MakePartition(random, ReplicaState.Standby, ReplicaState.Leader);
            Replica[] asked = partition.Replicas.Where(_ => random.Next(6) > 0).ToArray();
            var tracker = new MajorityTracker(partition, asked, ReplicaOperation.Undelete);
            var done = new HashSet<Replica>();
            foreach (Replica replica in Shuffle(random, asked))
            {
                bool works = random.Next(4) > 0;
                if (works)
                {
                    done.Add(replica);
                }

                tracker.Report(replica, works ? PeerError.None : PeerError.Unreachable);
            }

            bool everywhere = partition.Replicas.GroupBy(r => r.DataCenter)
                .All(g => g.Count(done.Contains) > g.Count() / 2);
            tracker.Reached.ShouldBe(everywhere, $"round {round}");
            tracker.IsDecided.ShouldBeTrue();
            tracker.AllAnswered.ShouldBeTrue();
        }
    }

    [Fact]
    public void An_answer_that_is_no_success_is_never_counted_as_one()
    {
        foreach (PeerError error in Enum.GetValues<PeerError>())
        {
            QuorumTracker.IsSuccess(ReplicaOperation.Put, error).ShouldBe(error == PeerError.None);
            QuorumTracker.IsSuccess(ReplicaOperation.Delete, error)
                .ShouldBe(error is PeerError.None or PeerError.Deleted or PeerError.Expired);
            QuorumTracker.IsSuccess(ReplicaOperation.UpdateTtl, error)
                .ShouldBe(error is PeerError.None or PeerError.AlreadyUpdated);

            // One that was not deleted may never have heard of the deletion.
            QuorumTracker.IsSuccess(ReplicaOperation.Undelete, error).ShouldBe(error == PeerError.None);
        }
    }

    private static PeerError Pick(Random random) => NoEvidence[random.Next(NoEvidence.Length)];

    private static Replica[] Shuffle(Random random, IReadOnlyList<Replica> replicas)
    {
        Replica[] shuffled = [.. replicas];
        random.Shuffle(shuffled);
        return shuffled;
    }

    /// <summary>One to five replicas in data centre 1, none to four in the second.</summary>
    private static Partition MakePartition(Random random, params ReplicaState[] states)
    {
        Replica[] replicas = Enumerable.Range(0, random.Next(1, 6)).Select(n => Make(n, 1))
            .Concat(Enumerable.Range(10, random.Next(0, 5)).Select(n => Make(n, 2))).ToArray();
        return new Partition(
            new PartitionId(1), "default", PartitionState.ReadWrite, replicas,
            replicas.Where(r => r.DataCenter.Value == 1).ToArray());

        Replica Make(int node, byte dataCenter) => new(
            new PartitionId(1), new DataNodeId("n" + node, 1), new DataCenterId(dataCenter), "", "/d", 1,
            states[random.Next(states.Length)]);
    }
}
