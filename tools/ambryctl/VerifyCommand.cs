using System.CommandLine;
using Ambry.Control.Cluster;
using Ambry.Log;
using Ambry.Replication;
using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>`ambryctl verify`: are the files of a store whole, and do log and index agree. Changes nothing.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string> Folder = new("FOLDER")
    {
        Description = "A store, a log (the mapping's too), or the data folder of 'ambry dev'.",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON object for all of it.",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command(
            "verify",
            "Check every stored byte, and the log against the index; exit 0 when all is right, 1 when damage is found, "
            + "2 when there is nothing to verify. Changes and locks nothing; beside a running process the newest "
            + "records may be missing.")
        {
            Folder,
            Json,
            VerifyClusterCommand.Create(io),
        };
        command.SetAction((parsed, token) =>
            RunAsync(io, parsed.GetValue(Folder)!, parsed.GetValue(Json), token));
        return command;
    }

    private static async Task<int> RunAsync(ControlStreams io, string folder, bool json, CancellationToken token)
    {
        (InspectionTarget target, IReadOnlyList<StorePlace> places) = InspectionTarget.PlacesIn(folder);
        var reports = new List<VerifyReport>();
        foreach (StorePlace place in places)
        {
            using var progress = new VerifyMeter(io, place.Name);
            VerifyReport report = await StoreVerifier.VerifyAsync(target.Disk, place, progress, token);
            progress.Dispose();
            report = await VerifyTokensAsync(target.Disk, report, token);
            reports.Add(report);
            if (!json)
            {
                await VerifyText.PrintAsync(io.Output, report);
            }
        }

        bool isRight = reports.TrueForAll(report => report.IsRight);
        if (json)
        {
            await io.Output.WriteLineAsync(Words.ToJson(new
            {
                Right = isRight,
                Places = reports.Select(VerifyText.ToModel),
            }));
        }

        if (!isRight)
        {
            await io.Error.WriteLineAsync($"ambryctl: {VerifyText.WayOut(reports)}");
        }

        return isRight ? 0 : ControlLine.Failed;
    }

    /// <summary>The tokens are Replication's; the store does not know them.</summary>
    private static async Task<VerifyReport> VerifyTokensAsync(IDisk disk, VerifyReport report, CancellationToken token)
    {
        string path = $"{report.Place.Folder}/{TokenFile.FileName}";
        if (report.Place.Kind != StorePlaceKind.Store || !disk.FileExists(path))
        {
            return report;
        }

        ReplicaTokens? tokens = null;
        try
        {
            byte[]? bytes = await disk.TryReadAllAsync(path, ReplicaTokens.MaxEncodedLength, token);
            tokens = bytes is null ? null : ReplicaTokens.TryRead(bytes);
        }
        catch (InvalidDataException)
        {
            // Larger than tokens can be: damaged too.
            tokens = null;
        }

        VerifyFinding Finding(VerifyFault fault, string message) =>
            new(fault, TokenFile.FileName, null, null, message);
        if (tokens is null)
        {
            return report with
            {
                Damage =
                [
                    .. report.Damage,
                    Finding(VerifyFault.Tokens, "the tokens are damaged: every peer will be read from its start"),
                ],
            };
        }

        return report.Descriptor is null || tokens.Incarnation == report.Descriptor.Incarnation
            ? report
            : report with
            {
                Notes = [.. report.Notes, Finding(VerifyFault.None, "the tokens are of another store and not used")],
            };
    }
}
