using Ambry.Protocol;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>What the clients were told of a blob.</summary>
internal enum BlobFate
{
    Live,
    Deleted,

    /// <summary>A change of it was left open, or overlapped with one: either is allowed, for ever the same.</summary>
    Open,
}

/// <summary>
/// One acknowledged blob: its bytes, which never change, and what is known of its life. Changes of one blob follow each
/// other, reads overlap with them. For one thread only.
/// </summary>
internal sealed class SimBlob(BlobId id, int operation, byte[] content, byte[] metadata, DateTimeOffset? expiresAt)
{
    public BlobId Id => id;

    /// <summary>The operation that put it.</summary>
    public int Operation => operation;

    public byte[] Content => content;

    public byte[] Metadata => metadata;

    /// <summary>As last acknowledged.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; } = expiresAt;

    /// <summary>A change of the expiry was left open since.</summary>
    public bool IsExpiryOpen { get; private set; }

    public BlobFate Fate { get; private set; } = BlobFate.Live;

    /// <summary>
    /// Every replica has what <see cref="Fate"/> says: put and never touched, or seen so when all were level.
    /// </summary>
    public bool IsCertain { get; private set; } = true;

    /// <summary>Somebody changes it now, or owns it as part of another.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>Counts the changes: a read that saw two values overlapped with one.</summary>
    public int Changes { get; private set; }

    /// <summary>A part of a stitched blob: it goes with that, and is not touched itself any more.</summary>
    public bool IsPart { get; private set; }

    public void BeginChange()
    {
        IsTaken = true;
        IsCertain = false;
        Changes++;
    }

    public void EndChange(BlobFate fate)
    {
        Fate = fate;
        IsTaken = false;
        Changes++;
    }

    public void EndTtlUpdate(DateTimeOffset? acknowledged)
    {
        ExpiresAt = acknowledged;
        IsExpiryOpen = false;
        EndChange(Fate);
    }

    public void LeaveTtlOpen()
    {
        IsExpiryOpen = true;
        EndChange(Fate);
    }

    /// <summary>From now on another blob stands for it.</summary>
    public void BecomePart()
    {
        IsTaken = true;
        IsPart = true;
        IsCertain = false;
        Fate = BlobFate.Open;
        Changes++;
    }

    /// <summary>All replicas are level and agree; what was open is what they say.</summary>
    public void Settle(BlobFate seen, DateTimeOffset? expiresAt)
    {
        Fate = seen;
        ExpiresAt = expiresAt;
        IsExpiryOpen = false;
        IsCertain = true;
    }

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;
}
