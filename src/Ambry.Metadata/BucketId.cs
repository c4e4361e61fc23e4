namespace Ambry.Metadata;

/// <summary>
/// Numbers a bucket; never given twice, so that a bucket made anew under an old name is another bucket.
/// </summary>
public readonly record struct BucketId(uint Value);
