using System.CommandLine;

namespace Ambry.Bench.Engine;

/// <summary>`bench engine`: the storage engine's figures and how they stand to their targets.</summary>
internal static class EngineCommand
{
    private static readonly IEngineCase[] Cases =
        [new AppendCase(), new ReadCase(), new StartupCase(), new CompactionCase()];

    private static readonly Option<string> Dir = BenchOptions.Dir();

    private static readonly Option<bool> Quick = BenchOptions.Quick();

    private static readonly Option<string[]> Only = BenchOptions.Only(Cases.Select(one => one.Name));

    private static readonly Option<int> Rounds = BenchOptions.Rounds(5);

    private static readonly Option<string?> Json = new("--json")
    {
        Description = "A file for the figures with all their samples.",
    };

    public static Command Create()
    {
        var command = new Command("engine", "The storage engine alone: figures, targets, met or not.")
        {
            Dir, Quick, Only, Rounds, Json,
        };
        command.SetAction(async (parsed, token) =>
        {
            string[] only = parsed.GetValue(Only) ?? [];
            var chosen = Cases.Where(one => only.Length == 0 || only.Contains(one.Name)).ToList();
            bool quick = parsed.GetValue(Quick);
            int rounds = quick ? 1 : parsed.GetValue(Rounds);
            return await RunAsync(
                chosen, parsed.GetValue(Dir)!, quick, rounds, parsed.GetValue(Json), token);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        List<IEngineCase> cases, string dir, bool quick, int rounds, string? json, CancellationToken token)
    {
        string folder = Path.GetFullPath(Path.Combine(dir, $"bench-engine-{Environment.ProcessId}"));
        Directory.CreateDirectory(folder);
        try
        {
            var report = new Report();
            report.Note(Machine.Describe(folder));
            var context = new EngineContext(folder, quick, rounds, Fio.Find(folder), report, TimeProvider.System);
            foreach (var one in cases)
            {
                Console.Error.WriteLine($"{one.Name}:");
                await one.RunAsync(context, token);
            }

            report.Note($"Load average at the end: {Machine.Load()}.");
            report.Print(Console.Out);
            if (json is not null)
            {
                await report.WriteJsonAsync(json, token);
            }

            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
