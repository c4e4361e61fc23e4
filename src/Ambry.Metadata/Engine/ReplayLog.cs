namespace Ambry.Metadata.Engine;

/// <summary>What an engine has to know of the log that is replayed into it.</summary>
/// <param name="OldestIndex">The oldest entry the log still has, or the next one when it is empty: decides whether a
/// damaged shard may start from nothing.</param>
/// <param name="SyncAsync">Makes the log durable up to everything that was appended: a shard's files must never be
/// ahead of it, or a power cut leaves a log that ends before them.</param>
internal readonly record struct ReplayLog(long OldestIndex, Func<CancellationToken, ValueTask> SyncAsync);
