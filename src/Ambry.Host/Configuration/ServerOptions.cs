using Ambry.Host.Handles;
using Ambry.Host.Parts;
using Ambry.Log;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Replication;

namespace Ambry.Host.Configuration;

/// <summary>What `ambry server` was asked for, checked. Immutable; names secrets, so it is never logged.</summary>
internal sealed class ServerOptions
{
    public required IReadOnlyList<NodeRole> Roles { get; init; }

    /// <summary>This data node's name in the cluster map; null without the role.</summary>
    public DataNodeId? Node { get; init; }

    /// <summary>Where peers connect; null without the role data.</summary>
    public ListenAddress? PeerListen { get; init; }

    public required DataCenterId DataCenter { get; init; }

    public required string DataFolder { get; init; }

    public string? FirstClusterMap { get; init; }

    public required ListenAddress Admin { get; init; }

    public string? AdminToken { get; init; }

    /// <summary>Null when this process serves no S3 clients.</summary>
    public S3Options? S3 { get; init; }

    /// <summary>Null when this process does not serve the handle API.</summary>
    public HandleOptions? Handle { get; init; }

    /// <summary>Null when connections between nodes are plain.</summary>
    public PeerTlsFiles? PeerTls { get; init; }

    public required IReadOnlyList<PeerRoute> Routes { get; init; }

    public required DurabilityMode Durability { get; init; }

    public required long SegmentBytes { get; init; }

    public required bool ReserveSpace { get; init; }

    public required StorageSettings Storage { get; init; }

    public required ReplicationOptions Replication { get; init; }

    public required int MetadataShards { get; init; }

    public required long RouterMemoryBytes { get; init; }

    public required TimeSpan DrainLimit { get; init; }

    public required LogVerbosity LogLevel { get; init; }

    public bool Has(NodeRole role) => Roles.Contains(role);
}

/// <summary>The S3 front of a process.</summary>
internal sealed record S3Options(
    ListenAddress Listen, string Region, IReadOnlyList<string> Domains, IReadOnlyList<string> CorsOrigins);

/// <summary>PEM files of mutual TLS between nodes.</summary>
internal sealed record PeerTlsFiles(string Certificate, string Key, string Authority);
