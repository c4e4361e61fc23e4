using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Succeeds when so many replicas as the target says have done it, and so many of them in one data centre that every
/// majority there meets one. An undelete has such majorities: a later delete that met none of them would have deleted
/// an earlier life of the blob only, and the undelete would take it back. Of those there are, not of those asked. Pure.
/// </summary>
internal sealed class DeleteTracker : IAnswerTracker
{
    private readonly Dictionary<DataCenterId, QuorumTracker> _byDataCenter;
    private readonly QuorumTracker _all;

    /// <param name="asked">The replicas of <paramref name="partition"/> that the request goes to.</param>
    public DeleteTracker(Partition partition, IReadOnlyCollection<Replica> asked, int successTarget)
    {
        _all = new QuorumTracker(asked.Count, successTarget, ReplicaOperation.Delete);
        _byDataCenter = partition.Replicas.GroupBy(r => r.DataCenter).ToDictionary(
            g => g.Key,
            g => new QuorumTracker(
                asked.Count(r => r.DataCenter == g.Key), (g.Count() + 1) / 2, ReplicaOperation.Delete));
    }

    public bool Reached => _all.Reached && _byDataCenter.Values.Any(t => t.Reached);

    public bool IsDecided => Reached
        || (_all.IsDecided && !_all.Reached)
        || _byDataCenter.Values.All(t => t.IsDecided && !t.Reached);

    public bool AllAnswered => _all.AllAnswered;

    /// <summary>Every replica either did it or has no such blob: nothing is left that an answer could add.</summary>
    public bool AllKnown => _all.AllKnown;

    public int Successes => _all.Successes;

    /// <summary>What the failures come to together.</summary>
    public RouterError Failure => _all.Failure;

    public void Report(Replica replica, PeerError error)
    {
        _all.Report(error);
        _byDataCenter[replica.DataCenter].Report(error);
    }
}
