namespace Ambry.Log;

/// <summary>What the folder of a log holds, as <see cref="LogInspector"/> found it.</summary>
/// <param name="Manifest">Null when there is none, or when it is damaged.</param>
/// <param name="ManifestDamage">What is wrong with the manifest; null when nothing is.</param>
/// <param name="HasEraseRedo">An erasure was cut short; it is done again when the log is opened.</param>
/// <param name="Segments">Live ones in the order of the log, then missing ones and left-overs.</param>
public sealed record LogInspection(
    string Folder,
    InspectedManifest? Manifest,
    string? ManifestDamage,
    bool HasEraseRedo,
    IReadOnlyList<InspectedSegment> Segments)
{
    /// <summary>
    /// Records that the unfinished erasure is about: they may be half overwritten. Null when the redo file is damaged.
    /// </summary>
    public IReadOnlyList<LogPosition>? Erasing { get; init; } = [];
}

/// <summary>What the manifest of a log says.</summary>
/// <param name="Through">Ordinary segments up to this number are live only if listed.</param>
public sealed record InspectedManifest(
    Guid LogId, long Through, uint NextCompacted, IReadOnlyList<InspectedManifestEntry> Entries);

/// <summary>A live sealed segment, as the manifest lists it.</summary>
/// <param name="EndOffset">Where its records end; 0 for an ordinary one, whose end is found by reading.</param>
/// <param name="Records">Records of a compacted one; 0 for an ordinary one.</param>
public sealed record InspectedManifestEntry(
    uint Number, long FirstLsn, long LastLsn, long EndOffset, long Records);

/// <summary>What a segment is to its log.</summary>
public enum InspectedSegmentRole
{
    Live,

    /// <summary>It belongs to the log, and its file is not there.</summary>
    Missing,

    /// <summary>A rewrite or a truncation left it; it is deleted when the log is opened.</summary>
    LeftOver,
}

/// <summary>One segment's file and header.</summary>
/// <param name="FileBytes">Length of the file; 0 when it is missing.</param>
/// <param name="IsHeaderIntact">False: the three fields behind it are not known.</param>
/// <param name="HeaderFirstLsn">First LSN as the header has it.</param>
/// <param name="LiveFirstLsn">Its records are live from here on; 0 when the segment is not live.</param>
public sealed record InspectedSegment(
    uint Number,
    string Path,
    InspectedSegmentRole Role,
    long FileBytes,
    bool IsHeaderIntact,
    Guid LogId,
    long HeaderFirstLsn,
    long SizeBytes,
    long LiveFirstLsn);

/// <summary>What is known of the bytes at a position.</summary>
public enum InspectedRecordState
{
    Intact,

    /// <summary>The header is intact, a part or the padding is not.</summary>
    DamagedPart,

    /// <summary>No intact header is here, and an intact record follows later in the segment.</summary>
    DamagedHeader,

    /// <summary>The mark of a log that was closed.</summary>
    ClosingMark,
}

/// <summary>One record of a segment, or a stretch of bytes where one should be.</summary>
/// <param name="Header">Default for <see cref="InspectedRecordState.DamagedHeader"/>.</param>
/// <param name="DurableLsn">The newest record that was durable when this one was written.</param>
/// <param name="SizeBytes">Bytes up to the next record.</param>
/// <param name="IsLive">False before the first live LSN of a segment, or in one that is not live.</param>
public sealed record InspectedRecord(
    LogPosition Position,
    InspectedRecordState State,
    LogRecordHeader Header,
    long DurableLsn,
    long SizeBytes,
    bool IsLive);
