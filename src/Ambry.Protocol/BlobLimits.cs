namespace Ambry.Protocol;

/// <summary>What one stored blob may weigh; larger contents are cut into chunks by the Router.</summary>
public static class BlobLimits
{
    /// <summary>4 MiB, the original's chunk size: one buffer, one record, one round trip.</summary>
    public const int MaxContentBytes = 4 * 1024 * 1024;

    /// <summary>
    /// 64 KiB: key of 1 KiB, user metadata of 2 KiB, headers, with room for tags and encryption envelopes.
    /// </summary>
    public const int MaxUserMetadataBytes = 64 * 1024;
}
