using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Succeeds when so many replicas have done what was asked, wherever they are. Pure.</summary>
internal sealed class QuorumTracker(int sent, int successTarget, ReplicaOperation operation) : IAnswerTracker
{
    private int _answered;

    public int Successes { get; private set; }

    /// <summary>Replicas that did it now, and had not before.</summary>
    public int Changes { get; private set; }

    public int NotFounds { get; private set; }

    /// <summary>
    /// Replicas where the blob lives: because they were undeleted before, or because they never heard of the deletion.
    /// </summary>
    public int NotDeleteds { get; private set; }

    /// <summary>As many as the target have the blob alive, for whatever reason.</summary>
    public bool MostAreLive => Successes + NotDeleteds >= successTarget;

    /// <summary>
    /// Answers after which the replica certainly does not hold the blob alive because of this request.
    /// </summary>
    public int CertainRefusals { get; private set; }

    public bool ReadOnlySeen { get; private set; }

    /// <summary>A replica knows that the blob was deleted or has expired, and that rules the request out.</summary>
    public bool GoneSeen { get; private set; }

    /// <summary>What the failures come to together; <see cref="RouterError.None"/> while there are none.</summary>
    public RouterError Failure { get; private set; }

    public bool Reached => Successes >= successTarget;

    public bool IsDecided => Reached || Successes + (sent - _answered) < successTarget;

    public bool AllAnswered => _answered == sent;

    /// <summary>No replica can hold anything because of this request.</summary>
    public bool AllRefused => CertainRefusals == sent;

    /// <summary>Every replica either did it or has no such blob: nothing is left that an answer could add.</summary>
    public bool AllKnown => Successes + NotFounds == sent;

    /// <summary>Whether an answer means that the replica is as it was asked to be.</summary>
    public static bool IsSuccess(ReplicaOperation operation, PeerError error) => (operation, error) switch
    {
        (_, PeerError.None) => true,
        (ReplicaOperation.Delete, PeerError.Deleted or PeerError.Expired) => true,
        (ReplicaOperation.UpdateTtl, PeerError.AlreadyUpdated) => true,
        _ => false,
    };

    public void Report(Replica replica, PeerError error) => Report(error);

    public void Report(PeerError error)
    {
        Invariant.Check(_answered < sent);
        _answered++;
        if (IsSuccess(operation, error))
        {
            Successes++;
            Changes += error == PeerError.None ? 1 : 0;
            return;
        }

        NotFounds += error == PeerError.NotFound ? 1 : 0;
        NotDeleteds += error == PeerError.NotDeleted ? 1 : 0;
        CertainRefusals += error is PeerError.Busy or PeerError.PartitionReadOnly or PeerError.PartitionUnknown
            or PeerError.BadRequest or PeerError.TemporarilyDisabled ? 1 : 0;
        ReadOnlySeen |= error == PeerError.PartitionReadOnly;
        GoneSeen |= error is PeerError.Deleted or PeerError.Expired;
        Failure = RouterErrorMap.Combine(Failure, RouterErrorMap.Of(error));
    }
}
