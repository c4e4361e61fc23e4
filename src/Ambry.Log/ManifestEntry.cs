namespace Ambry.Log;

/// <summary>A live sealed segment as the manifest lists it: see <see cref="LiveSegment"/>.</summary>
internal readonly record struct ManifestEntry(
    uint Number, long FirstLsn, long LastLsn, uint EndOffset, uint Records)
{
    public bool IsCompacted => Number >= LogSegmentState.FirstCompactedNumber;
}
