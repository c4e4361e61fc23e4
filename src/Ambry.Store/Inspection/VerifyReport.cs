namespace Ambry.Store.Inspection;

/// <summary>What kind of thing is not as it should be.</summary>
public enum VerifyFault
{
    /// <summary>Nothing is wrong; somebody may want to know.</summary>
    None,

    Descriptor,

    /// <summary>The log is not there, though it was.</summary>
    LogMissing,

    Manifest,

    /// <summary>What an unfinished erasure was about cannot be read.</summary>
    EraseRedo,

    SegmentMissing,
    SegmentHeader,

    /// <summary>No record can be read where one was.</summary>
    RecordMissing,

    /// <summary>A record whose header is intact and whose parts or padding are not.</summary>
    RecordDamaged,

    /// <summary>A record that is whole and does not belong where it is, or means nothing.</summary>
    RecordForeign,

    /// <summary>The checksums of a content's blocks are not those of its bytes.</summary>
    BlockChecksum,

    IndexFile,

    /// <summary>Two index files cover the same records.</summary>
    IndexOverlap,

    /// <summary>Records are in no index file, though newer ones are.</summary>
    IndexGap,

    /// <summary>A record has no entry in the file that covers it.</summary>
    EntryMissing,

    /// <summary>An entry does not say what its record says.</summary>
    EntryWrong,

    /// <summary>An entry points at no intact record.</summary>
    EntryWithoutRecord,

    /// <summary>The index knows newer records than the log holds.</summary>
    LogEndsEarly,

    Tokens,
}

/// <summary>One thing that a verification has to say.</summary>
/// <param name="File">Relative to the place that was verified.</param>
/// <param name="Offset">In the file; null when it is not about one place in it.</param>
/// <param name="Lsn">Of the record that it is about; null when there is none or it is not known.</param>
public sealed record VerifyFinding(VerifyFault Fault, string File, long? Offset, long? Lsn, string Message);

/// <summary>What was read.</summary>
/// <param name="LastLsn">Of the newest intact record; 0 in an empty log.</param>
/// <param name="Records">Live and intact ones.</param>
/// <param name="NotIndexed">The newest records that no index file covers yet: the next start adds them.</param>
/// <param name="IsClosed">The log ends with a closing mark: nobody has written since it was closed.</param>
public sealed record VerifyCounts(
    int Segments,
    long FirstLsn,
    long LastLsn,
    long Records,
    long Puts,
    long Deletes,
    long TtlUpdates,
    long Undeletes,
    long Erased,
    long LogBytes,
    int IndexFiles,
    long IndexEntries,
    long NotIndexed,
    bool IsClosed);

/// <summary>The outcome of verifying one store or one log.</summary>
/// <param name="Descriptor">Null for a lone log, or when it cannot be read.</param>
/// <param name="Damage">What contradicts what was once durable; at most <see cref="MaxFindings"/>.</param>
/// <param name="MoreDamage">Findings beyond those.</param>
/// <param name="Notes">What is not damage: left-overs, an unfinished append, records that are not indexed yet.</param>
public sealed record VerifyReport(
    StorePlace Place,
    InspectedDescriptor? Descriptor,
    VerifyCounts Counts,
    IReadOnlyList<VerifyFinding> Damage,
    long MoreDamage,
    IReadOnlyList<VerifyFinding> Notes)
{
    public const int MaxFindings = 1000;

    public bool IsRight => Damage.Count == 0;
}

/// <summary>How far a verification is.</summary>
public readonly record struct VerifyProgress(long BytesRead, long BytesTotal);
