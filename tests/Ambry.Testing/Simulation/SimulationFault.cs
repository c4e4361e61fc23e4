namespace Ambry.Testing.Simulation;

/// <summary>What the store did and the model does not allow.</summary>
public sealed class SimulationFault(string message) : Exception(message);
