namespace Ambry.Store.Index;

/// <summary>What a pass over the index files found.</summary>
/// <param name="Rebuilt">Files that were damaged and have been made anew from the log.</param>
internal readonly record struct IndexScrub(int Files, long Bytes, int Rebuilt);
