using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>What became of a call.</summary>
/// <param name="Value">The answer's response; null when there is an error, or nothing more to tell.</param>
internal readonly record struct PeerAnswer(PeerError Error, object? Value = null)
{
    /// <summary>Nobody is going to use it.</summary>
    public void Drop() => (Value as IDisposable)?.Dispose();
}
