namespace Ambry.Server;

/// <summary>Whether a node is fit to be sent requests.</summary>
/// <param name="IsReady">Every disk and replica serves, or is out because the operator wants it so.</param>
/// <param name="Faults">What speaks against it, in lines.</param>
public sealed record NodeHealth(bool IsReady, IReadOnlyList<string> Faults);
