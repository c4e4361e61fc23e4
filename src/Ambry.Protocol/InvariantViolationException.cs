namespace Ambry.Protocol;

/// <summary>
/// The program's own logic is wrong. It takes the replica or node that met it out of service; nobody catches it to
/// carry on.
/// </summary>
public sealed class InvariantViolationException(string expression)
    : Exception($"An invariant does not hold: {expression}.");
