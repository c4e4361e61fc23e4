using Ambry.Log;
using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>Prints the entries of index files, one a line, file by file.</summary>
internal sealed class IndexDump(ControlStreams io, bool json, RecordFilter filter)
{
    private const string Heading =
        "         LSN            POSITION  KIND            SIZE  LIFE  TIME                      EXPIRES"
        + "                   BLOB";

    private long _damaged;

    /// <summary>All files of a folder, oldest first.</summary>
    /// <returns>How many faults the files have.</returns>
    public async Task<long> RunAsync(IDisk disk, string folder, string place, CancellationToken token)
    {
        foreach (string name in IndexInspector.List(disk, folder))
        {
            if (filter.IsFull)
            {
                break;
            }

            await RunFileAsync(disk, folder, name, place, token);
        }

        return _damaged;
    }

    public async Task<long> RunFileAsync(
        IDisk disk, string folder, string name, string place, CancellationToken token)
    {
        InspectedIndexFile file = await IndexInspector.ReadAsync(disk, folder, name, token);
        _damaged += file.Faults.Count;
        if (file.Header is { } header && (header.LastLsn < filter.FromLsn || header.FirstLsn > filter.ToLsn))
        {
            return _damaged;
        }

        await PrintFileAsync(file, place);
        foreach (InspectedEntry entry in file.Entries)
        {
            if (filter.Takes(entry.Lsn, entry.Id))
            {
                await io.Output.WriteLineAsync(json ? ToJson(entry, file, place) : ToText(entry));
            }
        }

        return _damaged;
    }

    private async Task PrintFileAsync(InspectedIndexFile file, string place)
    {
        if (json)
        {
            await io.Output.WriteLineAsync(Words.ToJson(new
            {
                Type = "indexFile",
                Place = place,
                File = file.Name,
                file.FileBytes,
                file.Header,
                Faults = file.Faults.Count > 0 ? file.Faults : null,
            }));
            return;
        }

        string what = file.Header is { } header
            ? $"version {header.Version}, records {header.FirstLsn} to {header.LastLsn} of segment "
                + $"{header.Newest.Segment}, {Words.Count(header.Entries, "entry", "entries")}"
            : "";
        string prefix = place == "." ? "" : place + "/";
        await io.Output.WriteLineAsync($"index file {prefix}{file.Name}: {what}");
        foreach (InspectedIndexFault fault in file.Faults)
        {
            await io.Output.WriteLineAsync($"  DAMAGED at {fault.Offset}: {fault.Message}");
        }

        await io.Output.WriteLineAsync(Heading);
    }

    private static string ToText(InspectedEntry entry) =>
        $"{entry.Lsn,12}  {Words.Position(entry.Position),18}  {Words.Kind(entry.Kind),-10}  {entry.SizeBytes,8}  "
        + $"{entry.LifeVersion,4}  {Words.Time(entry.Time),-24}  {Words.Time(entry.ExpiresAt),-24}  {entry.Id}";

    private static string ToJson(InspectedEntry entry, InspectedIndexFile file, string place) => Words.ToJson(new
    {
        Type = "entry",
        Place = place,
        File = file.Name,
        entry.Lsn,
        entry.Position.Segment,
        entry.Position.Offset,
        Kind = Words.Kind(entry.Kind),
        Size = entry.SizeBytes,
        entry.LifeVersion,
        Time = Words.JsonTime(entry.Time),
        ExpiresAt = Words.JsonTime(entry.ExpiresAt),
        ContentCrc32C = entry.ContentCrc.ToString("x8"),
        Blob = entry.Id.ToString(),
    });
}
