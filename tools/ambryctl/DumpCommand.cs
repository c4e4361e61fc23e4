using System.CommandLine;
using System.CommandLine.Parsing;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store.Inspection;

namespace Ambry.Control;

/// <summary>`ambryctl dump log|index|tokens`: what files hold, for reading or as JSON lines. Changes nothing.</summary>
internal static class DumpCommand
{
    private const string Beside =
        " Changes and locks nothing; beside a running process the newest records may be missing.";

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "One JSON object a line.",
    };

    private static readonly Option<long> FromLsn = new("--from-lsn")
    {
        Description = "Leave out what is before this record.",
        HelpName = "LSN",
        DefaultValueFactory = _ => 0,
    };

    private static readonly Option<long> ToLsn = new("--to-lsn")
    {
        Description = "Leave out what is behind this record.",
        HelpName = "LSN",
        DefaultValueFactory = _ => long.MaxValue,
    };

    private static readonly Option<long> Limit = new("--limit")
    {
        Description = "Stop after this many records.",
        HelpName = "COUNT",
        DefaultValueFactory = _ => long.MaxValue,
    };

    private static readonly Option<BlobId?> Id = new("--id")
    {
        Description = "Only records of this blob.",
        HelpName = "BLOB",
        CustomParser = ParseId,
    };

    private static readonly Option<bool> All = new("--all")
    {
        Description = "Also records that are not live any more, where they are still in the files.",
    };

    public static Command Create(ControlStreams io)
    {
        var command = new Command("dump", "Print what the files of a store hold." + Beside);
        command.Add(CreateLog(io));
        command.Add(CreateIndex(io));
        command.Add(CreateTokens(io));
        return command;
    }

    private static Command CreateLog(ControlStreams io)
    {
        var folder = new Argument<string>("FOLDER")
        {
            Description = "A store, a log (the mapping's too), or the data folder of 'ambry dev'.",
        };
        var command = new Command("log", "Print the records of a log in their order." + Beside)
        {
            folder, Json, FromLsn, ToLsn, Limit, Id, All,
        };
        command.SetAction(async (parsed, token) =>
        {
            (InspectionTarget target, IReadOnlyList<StorePlace> places) =
                InspectionTarget.PlacesIn(parsed.GetValue(folder)!);
            var dump = new LogDump(io, parsed.GetValue(Json), parsed.GetValue(All), FilterOf(parsed));
            long damaged = 0;
            foreach (StorePlace place in places)
            {
                damaged = await dump.RunAsync(target.Disk, place, token);
            }

            return await EndAsync(io, damaged);
        });
        return command;
    }

    private static Command CreateIndex(ControlStreams io)
    {
        var path = new Argument<string>("FOLDER|FILE")
        {
            Description = "A store, its folder 'index', one index file, or the data folder of 'ambry dev'.",
        };
        var command = new Command("index", "Print the entries of index files." + Beside)
        {
            path, Json, FromLsn, ToLsn, Limit, Id,
        };
        command.SetAction(async (parsed, token) =>
        {
            var dump = new IndexDump(io, parsed.GetValue(Json), FilterOf(parsed));
            return await EndAsync(io, await DumpIndexAsync(dump, parsed.GetValue(path)!, token));
        });
        return command;
    }

    private static async Task<long> DumpIndexAsync(IndexDump dump, string path, CancellationToken token)
    {
        InspectionTarget target = InspectionTarget.Of(path);
        if (target.Disk.FileExists(target.Path))
        {
            return await dump.RunFileAsync(
                new ReadOnlyDisk(Path.GetDirectoryName(Path.GetFullPath(path))!), ".", target.Path, ".", token);
        }

        if (IndexInspector.List(target.Disk, target.Path).Count > 0)
        {
            return await dump.RunAsync(target.Disk, target.Path, ".", token);
        }

        StorePlace[] stores =
            [.. StorePlace.Find(target.Disk, target.Path).Where(place => place.Kind == StorePlaceKind.Store)];
        if (stores.Length == 0)
        {
            throw new UsageException(
                $"'{path}' holds no index. Give the folder of a store, an index file, or the data folder of "
                + "'ambry dev'.");
        }

        long damaged = 0;
        foreach (StorePlace store in stores)
        {
            damaged = await dump.RunAsync(target.Disk, store.IndexFolder!, store.Name, token);
        }

        return damaged;
    }

    private static Command CreateTokens(ControlStreams io)
    {
        var path = new Argument<string>("FILE")
        {
            Description = $"A file of tokens, or the store whose '{TokenFile.FileName}' is meant.",
        };
        var command = new Command("tokens", "Print how far a replica and its peers have pulled from each other.")
        {
            path, Json,
        };
        command.SetAction((parsed, token) =>
        {
            string given = parsed.GetValue(path)!;
            InspectionTarget target = InspectionTarget.Of(given);
            bool isFile = target.Disk.FileExists(target.Path);
            string file = isFile ? target.Path : $"{target.Path}/{TokenFile.FileName}";
            string shown = isFile ? given : $"{given}/{TokenFile.FileName}";
            return new TokensDump(io, parsed.GetValue(Json)).RunAsync(target.Disk, file, shown, token);
        });
        return command;
    }

    private static RecordFilter FilterOf(ParseResult parsed) => new(
        parsed.GetValue(FromLsn), parsed.GetValue(ToLsn), parsed.GetValue(Limit), parsed.GetValue(Id));

    private static async Task<int> EndAsync(ControlStreams io, long damaged)
    {
        if (damaged == 0)
        {
            return 0;
        }

        await io.Error.WriteLineAsync(
            $"ambryctl: {Words.Count(damaged, "place is", "places are")} damaged; 'ambryctl verify' says what that "
            + "means.");
        return ControlLine.Failed;
    }

    private static BlobId? ParseId(ArgumentResult words)
    {
        string text = words.Tokens[0].Value;
        if (BlobId.TryParse(text, out BlobId id))
        {
            return id;
        }

        words.AddError($"'{text}' is not a blob id.");
        return null;
    }
}
