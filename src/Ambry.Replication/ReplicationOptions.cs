using Ambry.Protocol;

namespace Ambry.Replication;

/// <summary>Which replicas pull between data centres.</summary>
public enum InterMode
{
    /// <summary>Every replica pulls from every replica of the other data centres.</summary>
    AllToAll,

    /// <summary>
    /// Only the leader of a data centre fetches content from others; the rest expect it from their leader, and help
    /// themselves when it does not come.
    /// </summary>
    LeaderBased,
}

/// <summary>How a node pulls from its peers. Fixed at start.</summary>
public sealed class ReplicationOptions
{
    /// <summary>Rounds at once with peers of the same data centre.</summary>
    public int WorkersWithin { get; set; } = 4;

    /// <summary>Rounds at once with peers of other data centres.</summary>
    public int WorkersBetween { get; set; } = 2;

    /// <summary>
    /// Between two questions to a peer that had nothing new: a write that missed one node is there within a second.
    /// </summary>
    public TimeSpan PollWithin { get; set; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan PollBetween { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After the first failure of a peer; doubles with each up to <see cref="BackoffMax"/>.</summary>
    public TimeSpan BackoffMin { get; set; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan BackoffMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A peer that has been due for longer goes before those that are further behind: laggards starve nobody.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// With durability by interval peers hear of a record when it is synced; when they ask, that is done at most this
    /// often, however long the interval is.
    /// </summary>
    public TimeSpan SyncForPeers { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often tokens are written down: what is pulled twice after a crash, no more.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of content a second from peers of the same data centre; 0 for no limit.</summary>
    public long BytesPerSecondWithin { get; set; }

    /// <summary>Bytes of content a second from other data centres; 0 for no limit.</summary>
    public long BytesPerSecondBetween { get; set; }

    /// <summary>Content fetched in one round with a peer: then others have their turn.</summary>
    public long MaxRoundBytes { get; set; } = 64L << 20;

    /// <summary>Records asked for in one round, over all partitions.</summary>
    public int MaxEntries { get; set; } = PeerLimits.MaxEntriesPerResponse;

    /// <summary>
    /// Rounds in which a blob may fail its checksum at a peer before the next records of the partition go ahead of it.
    /// </summary>
    public int CorruptRounds { get; set; } = 3;

    /// <summary>For a peer that neither answers nor fails; transports give up sooner.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public InterMode InterMode { get; set; } = InterMode.AllToAll;

    /// <summary>For how long a replica expects content of other data centres from its leader.</summary>
    public TimeSpan LeaderPatience { get; set; } = TimeSpan.FromSeconds(120);

    /// <exception cref="ArgumentException">A number makes no sense.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(WorkersWithin, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WorkersBetween, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollWithin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(PollBetween, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(BackoffMin, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(BackoffMax, BackoffMin);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(SyncForPeers, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(CheckpointInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(BytesPerSecondWithin);
        ArgumentOutOfRangeException.ThrowIfNegative(BytesPerSecondBetween);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxRoundBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEntries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxEntries, PeerLimits.MaxEntriesPerResponse);
        ArgumentOutOfRangeException.ThrowIfLessThan(CorruptRounds, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(RequestTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(LeaderPatience, TimeSpan.Zero);
    }
}
