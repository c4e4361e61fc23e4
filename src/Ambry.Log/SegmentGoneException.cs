namespace Ambry.Log;

/// <summary>
/// The position lies in a segment that has been rewritten or truncated: look up where the record is now.
/// </summary>
public sealed class SegmentGoneException(string message) : IOException(message);
