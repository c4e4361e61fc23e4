using System.CommandLine;
using Ambry.Bench.Engine;

namespace Ambry.Bench.Cluster;

/// <summary>`bench cluster`: a cluster of real processes on this machine, and how it stands to one process.</summary>
internal static class ClusterCommand
{
    private static readonly IClusterCase[] Cases = [new ThroughputCase(), new HedgingCase(), new MemoryCase()];

    private static readonly Option<string> Dir = BenchOptions.Dir();

    private static readonly Option<string> Repository = new("--repository")
    {
        Description = "The root of the source tree; what is measured is its Release build.",
        DefaultValueFactory = _ => ".",
    };

    private static readonly Option<bool> Quick = BenchOptions.Quick();

    private static readonly Option<string[]> Only = BenchOptions.Only(Cases.Select(one => one.Name));

    private static readonly Option<int> Rounds = BenchOptions.Rounds(3);

    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "How long one measurement takes.",
        DefaultValueFactory = _ => 5,
    };

    public static Command Create()
    {
        var command = new Command("cluster", "A cluster of real processes: figures, targets, met or not.")
        {
            Dir, Repository, Quick, Only, Rounds, Seconds,
        };
        command.SetAction(async (parsed, token) =>
        {
            string[] only = parsed.GetValue(Only) ?? [];
            var chosen = Cases.Where(one => only.Length == 0 || only.Contains(one.Name)).ToList();
            bool quick = parsed.GetValue(Quick);
            string folder = Path.GetFullPath(
                Path.Combine(parsed.GetValue(Dir)!, $"bench-cluster-{Environment.ProcessId}"));
            var context = new ClusterContext(
                Path.GetFullPath(parsed.GetValue(Repository)!),
                folder,
                quick,
                quick ? 1 : parsed.GetValue(Rounds),
                TimeSpan.FromSeconds(quick ? 1 : parsed.GetValue(Seconds)),
                new Report());
            await RunAsync(chosen, context, token);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(List<IClusterCase> cases, ClusterContext context, CancellationToken token)
    {
        Directory.CreateDirectory(context.Folder);
        try
        {
            context.Report.Note(Machine.Describe(context.Folder));
            foreach (var one in cases)
            {
                Console.Error.WriteLine($"{one.Name}:");
                await one.RunAsync(context, token);
            }

            context.Report.Note($"Load average at the end: {Machine.Load()}.");
            context.Report.Print(Console.Out);
        }
        finally
        {
            Directory.Delete(context.Folder, recursive: true);
        }
    }
}
