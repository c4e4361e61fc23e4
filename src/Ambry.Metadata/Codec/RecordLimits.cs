namespace Ambry.Metadata.Codec;

/// <summary>Bounds that hold for every record, checked when it is written and when it is read.</summary>
internal static class RecordLimits
{
    /// <summary>S3 allows 8 KB of headers and 2 KB of user metadata in all.</summary>
    public const int TextBytes = 16 * 1024;

    public const int Pairs = 512;

    public const int Checksums = 8;

    /// <summary>S3's limit on the parts of an upload.</summary>
    public const int Parts = 10_000;

    public const int Sequences = 10_000;

    /// <summary>
    /// The largest that occurs is a Complete of 10,000 parts with their summaries, below 2 MiB. It stays below what a
    /// value of the state may have: what a command carries always fits its shard.
    /// </summary>
    public const int CommandBytes = 7 * 1024 * 1024;

    /// <summary>A batch numbers its commands with 16 bits of an entry's version.</summary>
    public const int BatchCommands = 65_535;
}
