using System.Globalization;
using Ambry.Protocol;
using Ambry.Router;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>One run; everything follows from the seed and these numbers.</summary>
public sealed record ClusterSimulationOptions(int Seed)
{
    public int Clients { get; init; } = 3;

    /// <summary>Of each client, between two calms.</summary>
    public int Operations { get; init; } = 14;

    /// <summary>Times with faults, each with a calm after it in which the cluster has to recover.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>An operator adds nodes and partitions, moves replicas and takes nodes away meanwhile.</summary>
    public bool ChangesMap { get; init; }

    /// <summary>Told every event of the run; null when nobody reads it.</summary>
    public Action<string>? Write { get; init; }

    /// <summary>Plants a fault in every gateway.</summary>
    public Action<RouterOptions>? Router { get; init; }

    /// <summary>Plants a fault between every node and the network.</summary>
    public Func<DataNodeId, IPeerService, IPeerService>? Service { get; init; }

    /// <summary>The expression that makes these options.</summary>
    public string ToCode() => string.Create(
        CultureInfo.InvariantCulture,
        $"new ClusterSimulationOptions({Seed}) {{ Clients = {Clients}, Operations = {Operations}, "
            + $"Epochs = {Epochs}, ChangesMap = {(ChangesMap ? "true" : "false")} }}");
}

/// <param name="TraceHash">Over every message, answer, fault and choice of the run: equal for equal seeds.</param>
/// <param name="Steps">Continuations and timers.</param>
/// <param name="Elapsed">Virtual time.</param>
public sealed record ClusterSimulationResult(
    ulong TraceHash,
    int Operations,
    int Failures,
    int Blobs,
    long Messages,
    int Faults,
    int Restarts,
    int Wipes,
    int MapChanges,
    long Steps,
    TimeSpan Elapsed);
