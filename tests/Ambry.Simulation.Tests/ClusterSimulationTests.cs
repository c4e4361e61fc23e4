using System.Globalization;
using Ambry.Testing.Simulation;
using Ambry.Testing.Simulation.Cluster;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Simulation.Tests;

/// <summary>A cluster under faults; see docs/testing.md, "Cluster simulation".</summary>
public sealed class ClusterSimulationTests(ITestOutputHelper output)
{
    /// <summary>"from-to" in place of the seeds of every run.</summary>
    private const string SeedsVariable = "AMBRY_CLUSTER_SEEDS";

    private const int Jobs = 2;
    private const int MapSeedFrom = 1;
    private const int MapSeedTo = 30;

    [Fact]
    public void What_is_acknowledged_stays_and_the_replicas_become_level_whatever_fails()
    {
        var (from, to) = Seeds();
        var run = new SeedRun<ClusterSimulationResult>(
            seed => ClusterSimulation.Run(new ClusterSimulationOptions(seed)));
        run.Run(from, to, Jobs);
        if (run.Fault is { } fault)
        {
            throw fault.Fault;
        }

        var results = run.Results.Select(pair => pair.Result).ToList();
        output.WriteLine(
            $"seeds {from} to {to}: {results.Sum(r => r.Operations)} operations, "
                + $"{results.Sum(r => r.Failures)} failed, "
                + $"{results.Sum(r => r.Faults)} faults, {results.Sum(r => r.Restarts)} restarts, "
                + $"{results.Sum(r => r.Wipes)} wipes, {results.Sum(r => r.Messages)} messages");
        results.Count.ShouldBe(to - from + 1);
        results.Sum(r => r.Restarts).ShouldBeGreaterThan(results.Count);
        results.Sum(r => r.Wipes).ShouldBeGreaterThan(results.Count / 2);
        results.Sum(r => r.Failures).ShouldBeGreaterThan(results.Count);
        results.Sum(r => r.Blobs).ShouldBeGreaterThan(results.Count * 10);
    }

    [Fact]
    public void It_holds_while_nodes_come_and_go_and_replicas_move()
    {
        var run = new SeedRun<ClusterSimulationResult>(
            seed => ClusterSimulation.Run(new ClusterSimulationOptions(seed) { ChangesMap = true }));
        run.Run(MapSeedFrom, MapSeedTo, Jobs);
        if (run.Fault is { } fault)
        {
            throw fault.Fault;
        }

        int changes = run.Results.Sum(pair => pair.Result.MapChanges);
        output.WriteLine($"{changes} changes of the map");
        changes.ShouldBeGreaterThan(run.Results.Count / 2);
    }

    /// <summary>A node that was behind called a blob deleted that had been undeleted.</summary>
    [Theory]
    [InlineData(1424)]
    [InlineData(1814)]
    public void A_replica_that_is_behind_knows_of_no_deletion(int seed) =>
        ClusterSimulation.Run(new ClusterSimulationOptions(seed)).Blobs.ShouldBePositive();

    [Fact]
    public void A_put_acknowledged_by_one_replica_is_found_out() =>
        FindPlanted(PlantedFaults.AcknowledgeAtOneReplica);

    [Fact]
    public void A_replica_that_testifies_before_it_is_level_is_found_out() =>
        FindPlanted(PlantedFaults.TestifyWhileBehind);

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void The_same_seed_takes_the_same_way(int seed)
    {
        var first = ClusterSimulation.Run(new ClusterSimulationOptions(seed));
        ClusterSimulation.Run(new ClusterSimulationOptions(seed)).ShouldBe(first);
        ClusterSimulation.Run(new ClusterSimulationOptions(seed + 1000)).TraceHash.ShouldNotBe(first.TraceHash);
    }

    private void FindPlanted(Func<ClusterSimulationOptions, ClusterSimulationOptions> plant)
    {
        var run = new SeedRun<ClusterSimulationResult>(
            seed => ClusterSimulation.Run(plant(new ClusterSimulationOptions(seed))));
        run.Run(1, 200, Jobs);
        run.Fault.ShouldNotBeNull();
        output.WriteLine($"seed {run.Fault.Value.Seed}: {run.Fault.Value.Fault.Message.Split('\n')[0]}");
        run.Fault.Value.Fault.ShouldBeOfType<SimulationFault>();
    }

    private static (int From, int To) Seeds()
    {
        if (Environment.GetEnvironmentVariable(SeedsVariable) is not { Length: > 0 } text)
        {
            return (1, 200);
        }

        int[] seeds = [.. text.Split('-').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        return (seeds[0], seeds[1]);
    }
}
