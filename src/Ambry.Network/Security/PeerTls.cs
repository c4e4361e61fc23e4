namespace Ambry.Network;

/// <summary>
/// How nodes prove themselves to each other: PEM files, read once when a listener or a client is made. Immutable.
/// </summary>
public sealed record PeerTls
{
    /// <summary>This node's certificate, PEM.</summary>
    public required string CertificatePath { get; init; }

    /// <summary>Its private key, PEM.</summary>
    public required string KeyPath { get; init; }

    /// <summary>The one authority that peers' certificates must come from, PEM; the system's are not asked.</summary>
    public required string AuthorityPath { get; init; }

    /// <summary>A listener refuses peers without a certificate of the authority.</summary>
    public bool RequireClientCertificate { get; init; } = true;

    /// <summary>
    /// A client refuses a node whose certificate does not name the host it was dialled at. Off, every certificate of
    /// the authority passes for every node, which a route through another host may need.
    /// </summary>
    public bool CheckHostName { get; init; } = true;
}
