namespace Ambry.Metadata.Engine;

/// <summary>
/// All of a shard at one moment: newest changes, the generation being folded, and the leaves below both. Immutable; a
/// reader takes one reference and has a consistent state at <see cref="AppliedIndex"/>.
/// </summary>
/// <param name="FrozenIndex">The state of <paramref name="Frozen"/> over the folded leaves is the state at this index.</param>
internal sealed record ShardView(
    Overlay Active, Overlay Frozen, LeafDirectory Directory, long AppliedIndex, long FrozenIndex)
{
    public int OverlayCount => Active.Count + Frozen.Count;

    public long OverlayBytes => Active.MemoryBytes + Frozen.MemoryBytes;
}
