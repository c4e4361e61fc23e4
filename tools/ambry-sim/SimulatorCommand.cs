using System.CommandLine;

namespace Ambry.Simulator;

/// <summary>The command line of the simulator.</summary>
internal static class SimulatorCommand
{
    private const int JobsMax = 64;

    public static RootCommand Create()
    {
        var seeds = new Option<string>("--seeds")
        {
            Description = "One seed, or a range such as 1000-1999.",
            DefaultValueFactory = _ => "1-200",
        };
        var scenario = new Option<string>("--scenario")
        {
            Description = "What is simulated: a cluster of nodes and gateways, the same while its map changes, "
                + "or the object store of one process.",
            DefaultValueFactory = _ => Scenario.Cluster,
        };
        scenario.AcceptOnlyFromAmong(Scenario.Cluster, Scenario.Maps, Scenario.Objects);
        var jobs = new Option<int>("--jobs")
        {
            Description = "Threads, each with a seed of its own.",
            DefaultValueFactory = _ => Math.Min(2, Environment.ProcessorCount),
        };
        var plant = new Option<string?>("--plant")
        {
            Description = "A fault to put into the cluster: one-replica or hasty-witness.",
        };
        plant.AcceptOnlyFromAmong(Scenario.OneReplica, Scenario.HastyWitness);
        var trace = new Option<bool>("--trace")
        {
            Description = "Writes every event of a cluster's run; for one seed.",
        };
        var root = new RootCommand("Runs the simulations of the tests, as many seeds as you like.")
        {
            seeds, scenario, jobs, plant, trace,
        };
        root.SetAction(line =>
        {
            if (!SeedRange.TryParse(line.GetRequiredValue(seeds), out SeedRange range))
            {
                Console.Error.WriteLine("--seeds takes a number, or two with a hyphen, the lower one first.");
                return 2;
            }

            bool isTraced = line.GetValue(trace);
            var chosen = new Scenario(
                line.GetRequiredValue(scenario), line.GetValue(plant), isTraced ? Console.Out.WriteLine : null);
            int threads = isTraced ? 1 : Math.Clamp(line.GetRequiredValue(jobs), 1, JobsMax);
            return new SimulatorRun(chosen, range, threads, Console.Out, TimeProvider.System).Run();
        });
        return root;
    }
}
