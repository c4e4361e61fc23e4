using System.Globalization;
using Ambry.Testing.Simulation;
using Ambry.Testing.Simulation.Cluster;

namespace Ambry.Simulator;

/// <summary>What one seed runs. Thread safe.</summary>
/// <param name="Write">Told every event of a cluster's run; null when nobody reads it.</param>
internal sealed record Scenario(string Name, string? Plant, Action<string>? Write)
{
    public const string Cluster = "cluster";
    public const string Maps = "maps";
    public const string Objects = "objects";
    public const string OneReplica = "one-replica";
    public const string HastyWitness = "hasty-witness";

    /// <summary>The arguments that run one seed again.</summary>
    public string ArgumentsOf(int seed)
    {
        string more = (Plant is null ? "" : " --plant " + Plant) + (Name != Objects ? " --trace" : "");
        return string.Create(CultureInfo.InvariantCulture, $"--scenario {Name} --seeds {seed}{more}");
    }

    /// <summary>Runs one seed; returns what is worth a line.</summary>
    /// <exception cref="SimulationFault">The seed fails.</exception>
    public string Run(int seed)
    {
        if (Name == Objects)
        {
            return ObjectSimulation.Run(new SimulationOptions(seed)).ToString();
        }

        var options = new ClusterSimulationOptions(seed) { Write = Write, ChangesMap = Name == Maps };
        options = Plant switch
        {
            OneReplica => PlantedFaults.AcknowledgeAtOneReplica(options),
            HastyWitness => PlantedFaults.TestifyWhileBehind(options),
            _ => options,
        };
        return ClusterSimulation.Run(options).ToString();
    }
}
