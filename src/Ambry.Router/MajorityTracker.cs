using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Succeeds when more than half of the replicas of every data centre have done what was asked. More than half of those
/// there are, not of those asked: any later majority then meets one that knows of it. Pure.
/// </summary>
internal sealed class MajorityTracker : IAnswerTracker
{
    private readonly Dictionary<DataCenterId, QuorumTracker> _byDataCenter;
    private readonly int _replicas;

    /// <param name="asked">The replicas of <paramref name="partition"/> that the request goes to.</param>
    public MajorityTracker(Partition partition, IReadOnlyCollection<Replica> asked, ReplicaOperation operation)
    {
        _replicas = partition.Replicas.Count;
        _byDataCenter = partition.Replicas.GroupBy(r => r.DataCenter).ToDictionary(
            g => g.Key,
            g => new QuorumTracker(asked.Count(r => r.DataCenter == g.Key), (g.Count() / 2) + 1, operation));
    }

    public bool Reached => _byDataCenter.Values.All(t => t.Reached);

    /// <summary>Also before anything was sent, when too few can be asked.</summary>
    public bool IsOutOfReach => _byDataCenter.Values.Any(t => t.IsDecided && !t.Reached);

    public bool IsDecided => Reached || IsOutOfReach;

    public bool AllAnswered => _byDataCenter.Values.All(t => t.AllAnswered);

    public int Successes => _byDataCenter.Values.Sum(t => t.Successes);

    public int Changes => _byDataCenter.Values.Sum(t => t.Changes);

    /// <summary>In every data centre.</summary>
    public bool MostAreLive => _byDataCenter.Values.All(t => t.MostAreLive);

    /// <summary>Every replica there is was asked, and none knows of a deletion that still counts.</summary>
    public bool NobodyIsDeleted => _byDataCenter.Values.Sum(t => t.Successes + t.NotDeleteds) == _replicas;

    /// <summary>What the failures of all data centres come to together.</summary>
    public RouterError Failure => _byDataCenter.Values.Aggregate(
        RouterError.None, (error, tracker) => RouterErrorMap.Combine(error, tracker.Failure));

    public void Report(Replica replica, PeerError error) => _byDataCenter[replica.DataCenter].Report(error);
}
