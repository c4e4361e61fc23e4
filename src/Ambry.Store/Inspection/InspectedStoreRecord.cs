using Ambry.Log;

namespace Ambry.Store.Inspection;

/// <summary>A record of a log with what it means, where that can be read.</summary>
/// <param name="Entry">
/// What the index should keep of it; null when it is not a record of a store that this version knows, or is damaged.
/// </param>
/// <param name="IsErased">Its content was overwritten with zeros.</param>
/// <param name="Shard">The shard of a batch of the mapping; null for all others.</param>
public sealed record InspectedStoreRecord(InspectedRecord Log, InspectedEntry? Entry, bool IsErased, int? Shard);
