using Ambry.Log;

namespace Ambry.Server;

/// <summary>
/// Decides, before a store is opened, whether it begins behind its peers, and makes that durable before anybody could
/// rely on the contrary.
/// </summary>
internal static class ReplicaBeginning
{
    /// <summary>
    /// Whether the replica is behind. A replica that nobody replicates with is what there is of its partition, and
    /// never behind.
    /// </summary>
    /// <param name="isMadeAnew">No store is here, so that an empty one will be made.</param>
    /// <param name="isMarked">It was behind when it was open last.</param>
    /// <param name="mayHaveLost">What it had acknowledged may be gone, as it was not closed in a mode that allows for
    /// that; or it was sent nothing new for a while.</param>
    public static bool IsBehind(
        ReplicaPeers peers, bool isMadeAnew, bool isMarked, bool mayHaveLost) => peers switch
        {
            ReplicaPeers.None => false,

            // Nobody to ask: what is known to lack something goes on doing so, the rest is taken at its word.
            ReplicaPeers.OutOfReach => isMarked,
            _ => isMarked || isMadeAnew || mayHaveLost,
        };

    /// <summary>To be called with the disk held, before the store is opened. True when it begins behind.</summary>
    /// <param name="isLeaving">Nobody sends it new blobs: should it stay after all, it has missed some.</param>
    public static async ValueTask<bool> PrepareAsync(
        IDisk disk, string folder, ReplicaPeers peers, DurabilityMode mode, bool isLeaving, CancellationToken token)
    {
        var marks = new ReplicaMarks(disk, folder);
        if (marks.HasDropped)
        {
            await marks.DeleteFolderAsync(token);
        }

        (bool hasStore, bool isMarked, bool wasClosed) = (marks.HasStore, marks.HasBootstrap, marks.HasCleanStop);
        bool mayHaveLost = hasStore && mode == DurabilityMode.Interval && !wasClosed;
        bool isBehind = IsBehind(peers, !hasStore, isMarked, mayHaveLost || isLeaving);
        if (isBehind && !isMarked)
        {
            await marks.SetAsync(ReplicaMarks.Bootstrap, token);
        }
        else if (isMarked && !isBehind)
        {
            await marks.ClearAsync(ReplicaMarks.Bootstrap, token);
        }

        // Before the first append: from there on a crash may take something.
        if (wasClosed)
        {
            await marks.ClearAsync(ReplicaMarks.CleanStop, token);
        }

        return isBehind;
    }
}

/// <summary>Who else has a replica of a partition.</summary>
internal enum ReplicaPeers
{
    None,

    /// <summary>The layout has others, but this node replicates with nobody.</summary>
    OutOfReach,

    Some,
}
