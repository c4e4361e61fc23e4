namespace Ambry.Metadata.Engine;

/// <summary>
/// One version of one leaf in the directory. Rewriting a leaf makes a new reference with the same id, so a reader that holds an old
/// directory never sees newer content under it. The cached run is set and cleared by the engine's thread, read by any.
/// </summary>
internal sealed class LeafRef(int id, ReadOnlyMemory<byte> lowerBound)
{
    private PackedRun? _cached;

    public int Id { get; } = id;

    /// <summary>Every key of the leaf is at or above it; empty for the first leaf.</summary>
    public ReadOnlyMemory<byte> LowerBound { get; } = lowerBound;

    /// <summary>Read since the cache last looked. Racy by intent: a lost mark costs a fetch.</summary>
    public bool Touched { get; set; }

    /// <summary>Place in the cache's ring; engine's thread only.</summary>
    public int CacheSlot { get; set; } = -1;

    public PackedRun? Cached
    {
        get
        {
            var run = Volatile.Read(ref _cached);
            if (run is not null && !Touched)
            {
                Touched = true;
            }

            return run;
        }
    }

    public void SetCached(PackedRun? run) => Volatile.Write(ref _cached, run);
}
