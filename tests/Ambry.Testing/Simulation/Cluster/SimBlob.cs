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

    /// <summary>Made of other blobs of the clients.</summary>
    public bool IsStitched { get; init; }

    /// <summary>As last acknowledged; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; } = expiresAt;

    /// <summary>What some replica may still think.</summary>
    public DateTimeOffset? EarliestExpiry { get; private set; } = expiresAt;

    /// <summary>A change of the expiry was left open since all replicas were level.</summary>
    public bool IsExpiryOpen { get; private set; }

    /// <summary>
    /// Some time a change of the expiry stopped half-way: what a composite is made of may live longer than itself, and
    /// refuse to live shorter.
    /// </summary>
    public bool MayRefuseTtl { get; private set; }

    public BlobFate Fate { get; private set; } = BlobFate.Live;

    /// <summary>
    /// Every replica says the same: the blob was put and never changed, or seen so when all were level.
    /// </summary>
    public bool IsCertain { get; private set; } = true;

    /// <summary>What <see cref="IsCertain"/> was when the last change began.</summary>
    public bool WasCertain { get; private set; }

    /// <summary>Deleted or undeleted since all were level, or tried to: some replica may call it deleted.</summary>
    public bool IsTouched { get; private set; }

    /// <summary>When it was first deleted; from a retention later on it cannot be undeleted.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    /// <summary>Somebody changes it now, or it is a part of another.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>Counts the changes: a read that saw two values overlapped with one.</summary>
    public int Changes { get; private set; }

    /// <summary>A part of a stitched blob: it goes with that, and is not touched itself any more.</summary>
    public bool IsPart { get; private set; }

    public bool IsExpired(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>Nobody else changes it until the change ends.</summary>
    public void BeginChange()
    {
        WasCertain = IsCertain;
        IsTaken = true;
        IsCertain = false;
        Changes++;
    }

    /// <summary>A deletion, or the end of one, is about to be sent.</summary>
    public void Touch(DateTimeOffset now)
    {
        IsTouched = true;
        DeletedAt ??= now;
    }

    public void EndChange(BlobFate fate)
    {
        Fate = fate;
        IsTaken = false;
        Changes++;
    }

    /// <param name="acknowledged">Null for never.</param>
    public void EndTtlUpdate(DateTimeOffset? acknowledged)
    {
        ExpiresAt = acknowledged;
        EndChange(Fate);
    }

    public void LeaveTtlOpen()
    {
        IsExpiryOpen = true;
        MayRefuseTtl = true;
        EndChange(Fate);
    }

    /// <summary>From now on another blob stands for it.</summary>
    public void BecomePart()
    {
        IsTaken = true;
        IsPart = true;
        Fate = BlobFate.Open;
        Changes++;
    }

    /// <summary>All replicas are level and agree; what was open is what they say.</summary>
    public void Settle(BlobFate seen, DateTimeOffset? expires)
    {
        Fate = seen;
        ExpiresAt = expires;
        EarliestExpiry = seen == BlobFate.Live ? expires : EarliestExpiry;

        // What a deleted blob's expiry is shows only when it is undeleted.
        IsExpiryOpen &= seen != BlobFate.Live;
        (IsTouched, IsCertain) = (false, true);
        DeletedAt = seen == BlobFate.Live ? null : DeletedAt;
    }
}
