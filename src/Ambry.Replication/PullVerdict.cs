using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>What a peer's answer for one partition means. Pure.</summary>
/// <param name="Error">Why there is nothing to apply; BadRequest for an answer that contradicts itself.</param>
/// <param name="From">Where its records begin: what was asked for, unless the peer's store is another by now.</param>
/// <param name="IsRestart">The position asked for does not exist in the peer's store.</param>
internal readonly record struct PullVerdict(PeerError Error, FindToken From, bool IsRestart)
{
    public static PullVerdict Of(in ReplicaPosition asked, ReplicaChanges answer)
    {
        if (answer.Error != PeerError.None)
        {
            return new PullVerdict(answer.Error, asked.Next, false);
        }

        FindToken next = answer.Next;
        bool isReplaced = next.Incarnation != asked.Next.Incarnation;
        bool isCut = !isReplaced && next.Lsn < asked.Next.Lsn;
        FindToken from = isReplaced ? next with { Lsn = 0 } : isCut ? next : asked.Next;
        return IsSound(asked.Partition, from, answer)
            ? new PullVerdict(PeerError.None, from, isReplaced || isCut)
            : new PullVerdict(PeerError.BadRequest, asked.Next, false);
    }

    /// <summary>
    /// Nothing of an answer counts that contradicts itself: a position beyond records that were not sent would lose
    /// them.
    /// </summary>
    private static bool IsSound(PartitionId partition, FindToken from, ReplicaChanges answer)
    {
        if (answer.Partition != partition || answer.Next.Incarnation == Guid.Empty
            || answer.Next.Lsn < from.Lsn || answer.LastLsn < answer.Next.Lsn)
        {
            return false;
        }

        long last = from.Lsn;
        foreach (StoreEntry entry in answer.Entries)
        {
            if (entry.Lsn <= last || entry.Lsn > answer.Next.Lsn || entry.Id.Partition != partition
                || entry.SizeBytes is < 0 or > BlobLimits.MaxContentBytes)
            {
                return false;
            }

            last = entry.Lsn;
        }

        return true;
    }
}
