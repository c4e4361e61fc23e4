using System.Buffers;
using Microsoft.Extensions.Logging;

namespace Ambry.Network;

/// <summary>What the transport takes from whoever assembles it. Immutable.</summary>
/// <param name="Time">Of every limit; timestamps alone, never the wall clock.</param>
/// <param name="Metrics">Null: nothing is counted.</param>
public sealed record NetworkServices(TimeProvider Time, ILogger Logger, NetworkMetrics? Metrics = null)
{
    /// <summary>Where contents are received into.</summary>
    public MemoryPool<byte> Pool { get; init; } = MemoryPool<byte>.Shared;
}
