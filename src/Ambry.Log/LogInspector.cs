namespace Ambry.Log;

/// <summary>
/// Reads the folder of a log without changing it: for tools, beside a running node or over a damaged log. It takes no
/// lock, so what it tells of a log in use may be a moment old. Stateless.
/// </summary>
public static class LogInspector
{
    /// <summary>The manifest and every segment's header; null when the folder holds no log.</summary>
    public static ValueTask<LogInspection?> InspectAsync(IDisk disk, string folder, CancellationToken token) =>
        throw new NotSupportedException();

    /// <summary>
    /// Every record of a segment from its start, damaged ones too, up to the first offset behind which there is none.
    /// </summary>
    /// <param name="verifyParts">Reads whole records; else only headers are read.</param>
    public static IAsyncEnumerable<InspectedRecord> ReadRecordsAsync(
        IDisk disk, InspectedSegment segment, bool verifyParts, CancellationToken token) =>
        throw new NotSupportedException();
}
