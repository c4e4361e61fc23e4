using System.Globalization;
using Ambry.Testing.Simulation;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Simulation.Tests;

/// <summary>The order of blob and name changes under crashes; see docs/testing.md, "Simulation".</summary>
public sealed class ObjectSimulationTests(ITestOutputHelper output)
{
    /// <summary>"from-to" in place of the seeds of every run.</summary>
    private const string SeedsVariable = "AMBRY_SIM_SEEDS";

    [Fact]
    public void Nothing_acknowledged_is_lost_and_nothing_is_left_over_without_a_reason()
    {
        int operations = 0;
        int stops = 0;
        int open = 0;
        int leaks = 0;
        int blobs = 0;
        int compactions = 0;
        var (from, to) = Seeds();
        for (int seed = from; seed <= to; seed++)
        {
            var result = ObjectSimulation.Run(new SimulationOptions(seed));
            operations += result.Operations;
            stops += result.Stops;
            open += result.OpenOutcomes;
            leaks += result.Leaks;
            blobs += result.Blobs;
            compactions += result.Compactions;
        }

        output.WriteLine(
            $"seeds {from} to {to}: {operations} operations, {stops} stops, {open} open outcomes, "
                + $"{leaks} leaks explained by stops among {blobs} blobs, {compactions} compactions");
        stops.ShouldBeGreaterThan(to - from);
        open.ShouldBeGreaterThan(to - from);
        compactions.ShouldBeGreaterThan((to - from) / 10);
    }

    [Fact]
    public void Without_a_stop_not_one_blob_is_left_over()
    {
        for (int seed = 1; seed <= 40; seed++)
        {
            var result = ObjectSimulation.Run(new SimulationOptions(seed) { Epochs = 1, OperationsPerClient = 40 });
            result.Leaks.ShouldBe(0, $"seed {seed}");
            result.OpenOutcomes.ShouldBe(0, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void A_stop_at_any_disk_call_of_a_run_loses_nothing(int seed)
    {
        var options = new SimulationOptions(seed) { Epochs = 2, Clients = 3, OperationsPerClient = 6 };
        int calls = ObjectSimulation.Run(options with { StopAtCall = int.MaxValue }).Calls;
        int stopped = 0;
        for (int call = 1; call <= calls; call++)
        {
            stopped += ObjectSimulation.Run(options with { StopAtCall = call }).OpenOutcomes > 0 ? 1 : 0;
        }

        output.WriteLine($"{calls} calls, {stopped} of them left an outcome open");
        stopped.ShouldBeGreaterThan(calls / 4);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void The_same_seed_takes_the_same_way(int seed)
    {
        var first = ObjectSimulation.Run(new SimulationOptions(seed));
        ObjectSimulation.Run(new SimulationOptions(seed)).ShouldBe(first);
        ObjectSimulation.Run(new SimulationOptions(seed + 1000)).TraceHash.ShouldNotBe(first.TraceHash);
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
