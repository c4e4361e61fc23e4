namespace Ambry.Store.Compaction;

/// <summary>
/// What one container holds in a store: blobs that a compaction would keep, and their records' bytes.
/// </summary>
public readonly record struct ContainerUse(ushort Account, ushort Container, long Blobs, long ValidBytes);
