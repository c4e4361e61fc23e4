using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// Counts the answers of one request that was sent to several replicas at once. No I/O; the owner's lock guards it.
/// </summary>
internal sealed class QuorumTracker(int sent, int successTarget, bool deletedIsSuccess)
{
    private int _answered;

    public int Successes { get; private set; }

    public int NotFounds { get; private set; }

    /// <summary>Answers after which the replica certainly does not hold the blob alive because of this request.</summary>
    public int CertainRefusals { get; private set; }

    public bool ReadOnlySeen { get; private set; }

    /// <summary>What the failures come to together; <see cref="RouterError.None"/> while there are none.</summary>
    public RouterError Failure { get; private set; }

    public bool Reached => Successes >= successTarget;

    /// <summary>Reached, or out of reach.</summary>
    public bool IsDecided => Reached || Successes + (sent - _answered) < successTarget;

    public bool AllAnswered => _answered == sent;

    /// <summary>No replica can hold anything because of this request.</summary>
    public bool AllRefused => CertainRefusals == sent;

    public void Report(PeerError error)
    {
        Invariant.Check(_answered < sent);
        _answered++;
        if (error == PeerError.None || (deletedIsSuccess && error is PeerError.Deleted or PeerError.Expired))
        {
            Successes++;
            return;
        }

        NotFounds += error == PeerError.NotFound ? 1 : 0;
        CertainRefusals += error is PeerError.Busy or PeerError.PartitionReadOnly or PeerError.PartitionUnknown
            or PeerError.BadRequest ? 1 : 0;
        ReadOnlySeen |= error == PeerError.PartitionReadOnly;
        Failure = RouterErrorMap.Combine(Failure, RouterErrorMap.Of(error));
    }
}
