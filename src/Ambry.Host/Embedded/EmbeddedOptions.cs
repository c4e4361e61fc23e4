using Ambry.Log;

namespace Ambry.Host.Embedded;

/// <summary>What an embedded store needs to know. Immutable.</summary>
internal sealed record EmbeddedOptions
{
    public required string DataFolder { get; init; }

    public required string Region { get; init; }

    public IReadOnlyList<string> Domains { get; init; } = [];

    public IReadOnlyList<string> CorsOrigins { get; init; } = [];

    public DurabilityMode Durability { get; init; } = DurabilityMode.Group;
}
