using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Ambry.Network;

/// <summary>Certificates read from their files, and what both ends ask of each other. Immutable.</summary>
internal sealed class TlsCredentials : IDisposable
{
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _authority;
    private readonly PeerTls _options;
    private readonly SslStreamCertificateContext _context;

    private TlsCredentials(PeerTls options, X509Certificate2 certificate, X509Certificate2 authority)
    {
        _options = options;
        _certificate = certificate;
        _authority = authority;
        _context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
    }

    /// <exception cref="System.Security.Cryptography.CryptographicException">A file is not what it should be.
    /// </exception>
    public static TlsCredentials Load(PeerTls options) => new(
        options,
        X509Certificate2.CreateFromPemFile(options.CertificatePath, options.KeyPath),
        X509CertificateLoader.LoadCertificateFromFile(options.AuthorityPath));

    public SslServerAuthenticationOptions ForListener() => new()
    {
        ServerCertificateContext = _context,
        ClientCertificateRequired = _options.RequireClientCertificate,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => certificate is null
            ? !_options.RequireClientCertificate
            : errors == SslPolicyErrors.None,
    };

    public SslClientAuthenticationOptions ForClient(string host) => new()
    {
        TargetHost = host,
        ClientCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, _, _, errors) =>
            errors == SslPolicyErrors.None
            || (errors == SslPolicyErrors.RemoteCertificateNameMismatch && !_options.CheckHostName),
    };

    public void Dispose()
    {
        _certificate.Dispose();
        _authority.Dispose();
    }

    /// <summary>The authority alone is trusted. It has no revocation list: a node is shut out with a new one.</summary>
    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.Add(_authority);
        return policy;
    }
}
