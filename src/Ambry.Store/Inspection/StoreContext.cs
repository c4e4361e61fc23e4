using Ambry.Protocol;

namespace Ambry.Store.Inspection;

/// <summary>What the records of a log are held against.</summary>
/// <param name="Partition">Null when the store's descriptor cannot be read.</param>
internal sealed record StoreContext(bool IsStore, PartitionId? Partition);
