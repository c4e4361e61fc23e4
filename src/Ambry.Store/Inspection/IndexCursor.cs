using Ambry.Log;

namespace Ambry.Store.Inspection;

/// <summary>
/// Goes along the index files while records come in LSN order, and compares. Holds the entries of one file at a time.
/// Not thread safe.
/// </summary>
internal sealed class IndexCursor(
    IDisk disk, string folder, IReadOnlyDictionary<uint, InspectedSegment> live, FindingList findings)
{
    private readonly Queue<string> _names = new(IndexInspector.List(disk, folder));
    private InspectedIndexFile? _file;
    private int _next;
    private readonly List<VerifyFinding> _overlaps = [];
    private long _gapFirst;
    private long _gapLast;
    private int _leftOvers;

    public int Files { get; private set; }

    public long EntriesRead { get; private set; }

    /// <summary>Up to here the files seen so far reach: all of it was durable once.</summary>
    public long CoveredTo { get; private set; }

    /// <summary>Records behind the last file.</summary>
    public long NotCovered { get; private set; }

    private InspectedIndexHeader? Header => _file?.Header;

    /// <summary>Compares a live record with its entry.</summary>
    public async ValueTask CompareAsync(InspectedStoreRecord record, string path, CancellationToken token)
    {
        long lsn = record.Log.Header.Lsn;
        while (Header is null || Header.LastLsn < lsn)
        {
            if (!await MoveNextAsync(token))
            {
                NotCovered += record.Log.State == InspectedRecordState.Intact ? 1 : 0;
                return;
            }
        }

        if (lsn < Header.FirstLsn)
        {
            _gapFirst = _gapFirst == 0 ? lsn : _gapFirst;
            _gapLast = lsn;
            return;
        }

        ReportGap();
        CompareInFile(record, path);
    }

    /// <summary>The log has ended: what is left in the index points at nothing.</summary>
    /// <param name="isClosed">
    /// Nobody is in the midst of anything. Else files may overlap that a compaction is about to exchange, or was.
    /// </param>
    public async ValueTask FinishAsync(bool isClosed, CancellationToken token)
    {
        while (await MoveNextAsync(token))
        {
            // Each step reports what the file left behind has too many.
        }

        ReportGap();
        foreach (VerifyFinding overlap in _overlaps)
        {
            if (isClosed)
            {
                findings.AddDamage(overlap);
            }
            else
            {
                findings.AddNote(overlap with { Fault = VerifyFault.None });
            }
        }

        if (_leftOvers > 0)
        {
            findings.AddNote(
                folder, null, null, $"{_leftOvers} index files are not of the live log; the next start drops them");
        }
    }

    private void CompareInFile(InspectedStoreRecord record, string path)
    {
        long lsn = record.Log.Header.Lsn;
        IReadOnlyList<InspectedEntry> entries = _file!.Entries;
        for (; _next < entries.Count && entries[_next].Lsn < lsn; _next++)
        {
            ReportWithoutRecord(entries[_next]);
        }

        if (_next < entries.Count && entries[_next].Lsn == lsn)
        {
            CompareEntry(entries[_next], record);
            _next++;
        }
        else if (_file.Faults.Count == 0)
        {
            findings.AddDamage(
                VerifyFault.EntryMissing,
                path,
                record.Log.Position.Offset,
                lsn,
                $"record {lsn} has no entry in {_file.Name}, which covers it");
        }
    }

    private void CompareEntry(InspectedEntry entry, InspectedStoreRecord record)
    {
        if (record.Entry is not { } wanted)
        {
            // Not readable: that has been said of the record.
            return;
        }

        // An erased content is zeros; the entry keeps the checksum of what was there, so that a retried PUT is known.
        InspectedEntry compared = record.IsErased ? wanted with { ContentCrc = entry.ContentCrc } : wanted;
        if (entry != compared)
        {
            findings.AddDamage(
                VerifyFault.EntryWrong,
                PathOf(_file!),
                null,
                entry.Lsn,
                $"the entry of record {entry.Lsn} differs from it in {Differences(entry, compared)}");
        }
    }

    private static string Differences(InspectedEntry entry, InspectedEntry record)
    {
        (string Name, bool IsSame)[] fields =
        [
            ("position", entry.Position == record.Position),
            ("kind", entry.Kind == record.Kind),
            ("blob id", entry.Id == record.Id),
            ("life version", entry.LifeVersion == record.LifeVersion),
            ("time", entry.Time == record.Time),
            ("expiry", entry.ExpiresAt == record.ExpiresAt),
            ("size", entry.SizeBytes == record.SizeBytes),
            ("content checksum", entry.ContentCrc == record.ContentCrc),
        ];
        return string.Join(", ", fields.Where(field => !field.IsSame).Select(field => field.Name));
    }

    /// <summary>Loads the next file that is of the live log and does not overlap; false at the end.</summary>
    private async ValueTask<bool> MoveNextAsync(CancellationToken token)
    {
        LeaveFile();
        while (_names.TryDequeue(out string? name))
        {
            InspectedIndexFile? file = await TryReadAsync(name, token);
            if (file is not null && Accept(file))
            {
                (_file, _next) = (file, 0);
                CoveredTo = Math.Max(CoveredTo, file.Header!.LastLsn);
                Files++;
                EntriesRead += file.Entries.Count;
                return true;
            }
        }

        return false;
    }

    private async ValueTask<InspectedIndexFile?> TryReadAsync(string name, CancellationToken token)
    {
        try
        {
            return await IndexInspector.ReadAsync(disk, folder, name, token);
        }
        catch (FileNotFoundException)
        {
            findings.AddDamage(
                VerifyFault.IndexFile, $"{folder}/{name}", null, null, "the index file went away while it was read");
            return null;
        }
    }

    private bool Accept(InspectedIndexFile file)
    {
        if (file.Header is { } header && IsLeftOver(header))
        {
            _leftOvers++;
            return false;
        }

        foreach (InspectedIndexFault fault in file.Faults)
        {
            findings.AddDamage(VerifyFault.IndexFile, PathOf(file), fault.Offset, null, fault.Message);
        }

        if (file.Header is null)
        {
            return false;
        }

        if (file.Header.FirstLsn <= CoveredTo)
        {
            AddOverlap(file, file.Header);
            return false;
        }

        return true;
    }

    private void AddOverlap(InspectedIndexFile file, InspectedIndexHeader header)
    {
        if (_overlaps.Count < VerifyReport.MaxFindings)
        {
            _overlaps.Add(findings.Of(
                VerifyFault.IndexOverlap,
                PathOf(file),
                null,
                header.FirstLsn,
                $"it begins at record {header.FirstLsn}, but the index reaches to {CoveredTo} before it"));
        }
    }

    // A compaction that was cut short leaves files of segments that are gone, or of heads that were rewritten.
    private bool IsLeftOver(InspectedIndexHeader header) =>
        !live.TryGetValue(header.Newest.Segment, out InspectedSegment? segment)
        || (segment.IsHeaderIntact && header.FirstLsn < segment.LiveFirstLsn);

    private void LeaveFile()
    {
        for (; _file is not null && _next < _file.Entries.Count; _next++)
        {
            ReportWithoutRecord(_file.Entries[_next]);
        }

        _file = null;
        _next = 0;
    }

    private void ReportWithoutRecord(InspectedEntry entry) => findings.AddDamage(
        VerifyFault.EntryWithoutRecord,
        PathOf(_file!),
        null,
        entry.Lsn,
        $"record {entry.Lsn} should be in segment {entry.Position.Segment} at {entry.Position.Offset} "
        + "and is not there intact");

    private void ReportGap()
    {
        if (_gapFirst > 0)
        {
            findings.AddDamage(
                VerifyFault.IndexGap,
                folder,
                null,
                _gapFirst,
                $"records {_gapFirst} to {_gapLast} are in no index file; the next start adds them from the log");
            _gapFirst = 0;
        }
    }

    private string PathOf(InspectedIndexFile file) => $"{folder}/{file.Name}";
}
