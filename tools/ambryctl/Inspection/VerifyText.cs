using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>How the outcome of a verification is written.</summary>
internal static class VerifyText
{
    /// <summary>Damage of what only repeats the log, or that a store does without.</summary>
    private static readonly VerifyFault[] Rebuilt =
    [
        VerifyFault.IndexFile, VerifyFault.IndexGap, VerifyFault.IndexOverlap, VerifyFault.EntryMissing,
        VerifyFault.EntryWrong, VerifyFault.Tokens,
    ];

    public static async Task PrintAsync(TextWriter output, VerifyReport report)
    {
        VerifyCounts counts = report.Counts;
        string verdict = report.IsRight
            ? "right"
            : $"DAMAGED, {Words.Count(report.Damage.Count + report.MoreDamage, "finding")}";
        await output.WriteLineAsync($"{report.Place.Name}: {verdict}");
        if (report.Descriptor is { } descriptor)
        {
            await output.WriteLineAsync(
                $"  store: partition {descriptor.Partition}, incarnation {descriptor.Incarnation}, created "
                + Words.Time(descriptor.CreatedAt));
        }

        await output.WriteLineAsync($"  log: {Words.Count(counts.Segments, "segment")}, {RecordsOf(report)}"
            + $"{Words.Count(counts.LogBytes, "byte")} read, "
            + (counts.IsClosed ? "closed" : "not closed: in use or killed, so the newest records may be missing"));
        if (report.Place.Kind == StorePlaceKind.Store)
        {
            await output.WriteLineAsync($"  index: {Words.Count(counts.IndexFiles, "file")}, "
                + $"{Words.Count(counts.IndexEntries, "entry", "entries")}, "
                + $"{Words.Count(counts.NotIndexed, "newest record")} not in it yet");
        }

        await PrintAsync(output, "damage", report.Damage);
        if (report.MoreDamage > 0)
        {
            await output.WriteLineAsync($"  damage: {report.MoreDamage} more");
        }

        await PrintAsync(output, "note", report.Notes);
    }

    public static object ToModel(VerifyReport report) => new
    {
        Place = report.Place.Name,
        report.Place.Kind,
        Right = report.IsRight,
        Partition = report.Descriptor?.Partition.Value,
        report.Descriptor?.Incarnation,
        CreatedAt = Words.JsonTime(report.Descriptor?.CreatedAt),
        report.Counts,
        Damage = report.Damage.Select(ToModel),
        report.MoreDamage,
        Notes = report.Notes.Select(ToModel),
    };

    /// <summary>What to do about it, in one line.</summary>
    public static string WayOut(IReadOnlyList<VerifyReport> reports)
    {
        VerifyReport[] damaged = [.. reports.Where(report => !report.IsRight)];
        bool isRebuilt = damaged.All(report =>
            report.MoreDamage == 0 && report.Damage.All(finding => Rebuilt.Contains(finding.Fault)));
        string where = $"damage in {damaged.Length} of {Words.Count(reports.Count, "place")}";
        return isRebuilt
            ? $"{where}, but not of the log: the next start makes index files anew, and does without tokens."
            : $"{where}: keep the folder as it is, and replace the replica from a peer or restore a copy.";
    }

    private static string RecordsOf(VerifyReport report)
    {
        VerifyCounts counts = report.Counts;
        if (counts.Records == 0)
        {
            return "no records, ";
        }

        string range = $"records {counts.FirstLsn} to {counts.LastLsn}";
        if (report.Place.Kind == StorePlaceKind.Log)
        {
            return range + ", ";
        }

        (long Count, string One)[] kinds =
        [
            (counts.Puts, "put"), (counts.Deletes, "delete"), (counts.TtlUpdates, "TTL update"),
            (counts.Undeletes, "undelete"),
        ];
        string each = string.Join(
            ", ", kinds.Where(kind => kind.Count > 0).Select(kind => Words.Count(kind.Count, kind.One)));
        return $"{range} ({each}{(counts.Erased > 0 ? $", {counts.Erased} erased" : "")}), ";
    }

    private static object ToModel(VerifyFinding finding) => new
    {
        Fault = finding.Fault == VerifyFault.None ? (VerifyFault?)null : finding.Fault,
        finding.File,
        finding.Offset,
        finding.Lsn,
        finding.Message,
    };

    private static async Task PrintAsync(TextWriter output, string what, IReadOnlyList<VerifyFinding> findings)
    {
        foreach (VerifyFinding finding in findings)
        {
            string at = finding.Offset is { } offset ? $" at {offset}" : "";
            await output.WriteLineAsync($"  {what}: {finding.File}{at}: {finding.Message}");
        }
    }
}
