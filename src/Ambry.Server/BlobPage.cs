using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>
/// Records of a replica in the order of their LSNs. Whoever folds all pages into blobs knows what the replica holds.
/// </summary>
/// <param name="Error">Why there are none; then only this means something.</param>
/// <param name="Incarnation">Of the store: pages of two of them do not go together.</param>
/// <param name="NextLsn">Where the next page begins.</param>
/// <param name="LastLsn">Of the newest record; the last page reaches it.</param>
public sealed record BlobPage(
    PeerError Error, Guid Incarnation, long NextLsn, long LastLsn, IReadOnlyList<BlobRecord> Records);

/// <param name="Content">
/// Of a put whose content was to be read: None when it is whole, or what a reader would be told. Null where it was not
/// read.
/// </param>
public readonly record struct BlobRecord(StoreEntry Entry, PeerError? Content);
