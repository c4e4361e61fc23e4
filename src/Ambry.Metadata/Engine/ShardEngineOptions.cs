namespace Ambry.Metadata.Engine;

/// <summary>The bounds of one shard's engine. Defaults are for 16 shards in a process of 400 MB at rest.</summary>
internal sealed record ShardEngineOptions
{
    /// <summary>
    /// Fold when this many changes wait: enough that several meet in one leaf, few enough for a short replay.
    /// </summary>
    public int FoldEntries { get; init; } = 20_000;

    public long FoldBytes { get; init; } = 16 << 20;

    /// <summary>Fold at least this often when anything was applied, so that the log can be cut.</summary>
    public TimeSpan FoldAgeMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After this pause a fold that found the disk full is tried again.</summary>
    public TimeSpan FoldRetryPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Above it <see cref="IShardState.WaitForRoomAsync"/> waits.</summary>
    public int OverlayEntriesMax { get; init; } = 200_000;

    public long OverlayBytesMax { get; init; } = 64 << 20;

    /// <summary>
    /// 32 leaves of 30 KB are a transaction of a few milliseconds, which is what a fetched read waits for at most.
    /// </summary>
    public int LeavesPerTransaction { get; init; } = 32;

    public long BytesPerTransaction { get; init; } = 1 << 20;

    /// <summary>LiteDB's checkpoint stalls its file for about 3 ms a MB of log.</summary>
    public long CheckpointLogBytes { get; init; } = 8 << 20;

    public long CacheBytes { get; init; } = 8 << 20;

    /// <summary>Reads waiting for the engine's thread; the next one waits for a place.</summary>
    public int QueueMax { get; init; } = 1024;

    public long RedoPreallocateBytes { get; init; } = 16 << 20;

    /// <summary>A key longer than this, or a value, is a fault of the caller.</summary>
    public int KeyBytesMax { get; init; } = 1_200;

    public int ValueBytesMax { get; init; } = 8 << 20;
}
