using Ambry.Log;

namespace Ambry.Store.Inspection;

/// <summary>The first page of an index file, of any version.</summary>
/// <param name="FirstLsn">Its range: every live record of the segment from here to <paramref name="LastLsn"/>.</param>
/// <param name="Newest">Where the record of the newest entry starts.</param>
public sealed record InspectedIndexHeader(
    int Version,
    long FirstLsn,
    long LastLsn,
    LogPosition Newest,
    int Entries,
    long Puts,
    long Deletes,
    long TtlUpdates,
    long Undeletes);

/// <summary>An index file and what is wrong with it.</summary>
/// <param name="Name">Within the folder of the index.</param>
/// <param name="Header">Null when it cannot be read; then there are no entries either.</param>
/// <param name="Entries">Those of intact pages, by LSN.</param>
public sealed record InspectedIndexFile(
    string Name,
    long FileBytes,
    InspectedIndexHeader? Header,
    IReadOnlyList<InspectedEntry> Entries,
    IReadOnlyList<InspectedIndexFault> Faults);

/// <summary>A part of an index file that is not as it was written.</summary>
public sealed record InspectedIndexFault(long Offset, string Message);
