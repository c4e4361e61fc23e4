using System.Security.Cryptography.X509Certificates;
using Ambry.Control.Certificates;
using Ambry.Network;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Network;

/// <summary>Nodes that prove themselves, and strangers that cannot.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-tls-").FullName;
    private readonly PemPair _authority = CertificateMaker.MakeAuthority("Ours", Now, TimeSpan.FromDays(2));

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Nodes_of_one_authority_exchange_blobs_of_each_size()
    {
        await using var kit = Kit(Make("node", _authority, "127.0.0.1"));
        TcpPeerClient client = Client(kit, Make("client", _authority, "gateway"));
        foreach (int length in new[] { 0, 4096, 100_000, BlobLimits.MaxContentBytes })
        {
            PutBlobRequest blob = NetworkKit.Blob(length + 1, length);
            (await client.PutAsync(kit.Node, blob, default).InTimeAsync()).ShouldBe(PeerError.None);
            using GetBlobResponse answer =
                await client.GetAsync(kit.Node, new GetBlobRequest(blob.Id), default).InTimeAsync();
            answer.Content.Span.SequenceEqual(blob.Content.Span).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_client_of_another_authority_is_refused()
    {
        PemPair other = CertificateMaker.MakeAuthority("Ours", Now, TimeSpan.FromDays(2));
        PeerTls stranger = Make("stranger", other, "gateway") with
        {
            AuthorityPath = Write("ours.pem", _authority.Certificate),
        };
        await using var kit = Kit(Make("node", _authority, "127.0.0.1"));

        await ShouldBeRefusedAsync(kit, Client(kit, stranger));
    }

    [Fact]
    public async Task A_client_without_TLS_is_refused()
    {
        await using var kit = Kit(Make("node", _authority, "127.0.0.1"));

        await ShouldBeRefusedAsync(
            kit, kit.Client(options => options with { RequestTimeout = TimeSpan.FromSeconds(1) }));
    }

    [Fact]
    public async Task A_node_of_another_authority_is_refused()
    {
        PemPair other = CertificateMaker.MakeAuthority("Theirs", Now, TimeSpan.FromDays(2));
        await using var kit = Kit(Make("node", other, "127.0.0.1") with { RequireClientCertificate = false });

        await ShouldBeRefusedAsync(kit, Client(kit, Make("client", _authority, "gateway")));
    }

    [Theory]
    [InlineData(true, PeerError.Unreachable)]
    [InlineData(false, PeerError.None)]
    public async Task A_node_of_another_name_is_refused_unless_names_do_not_count(bool checks, PeerError expected)
    {
        await using var kit = Kit(Make("node", _authority, "other.example"));
        TcpPeerClient client = Client(kit, Make("client", _authority, "gateway") with { CheckHostName = checks });

        (await client.PutAsync(kit.Node, NetworkKit.Blob(1, 10), default).InTimeAsync()).ShouldBe(expected);
    }

    [Fact]
    public async Task An_expired_certificate_is_refused()
    {
        using var signer = X509Certificate2.CreateFromPem(_authority.Certificate, _authority.Key);
        PemPair expired = CertificateMaker.MakeNode(
            signer, ["gateway"], Now, TimeSpan.FromMinutes(-30));
        await using var kit = Kit(Make("node", _authority, "127.0.0.1"));

        await ShouldBeRefusedAsync(kit, Client(kit, Files("expired", expired, _authority)));
    }

    [Fact]
    public void A_certificate_that_is_none_is_told_when_the_client_is_made()
    {
        string path = Write("none.pem", "nothing");
        var tls = new PeerTls { CertificatePath = path, KeyPath = path, AuthorityPath = path };

        Should.Throw<System.Security.Cryptography.CryptographicException>(
            () => new TcpPeerClient(new TcpPeerClientOptions { Tls = tls }, NetworkKit.Services()));
    }

    private static NetworkKit Kit(PeerTls tls) => new(options => options with { Tls = tls });

    private static TcpPeerClient Client(NetworkKit kit, PeerTls tls) =>
        kit.Client(options => options with { Tls = tls });

    private static async Task ShouldBeRefusedAsync(NetworkKit kit, TcpPeerClient client)
    {
        (await client.PutAsync(kit.Node, NetworkKit.Blob(1, 10), default).InTimeAsync())
            .ShouldBe(PeerError.Unreachable);
        kit.Service.Requests.ShouldBeEmpty();
    }

    private PeerTls Make(string name, PemPair authority, string host)
    {
        using var signer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        return Files(name, CertificateMaker.MakeNode(signer, [host], Now, TimeSpan.FromDays(1)), authority);
    }

    private PeerTls Files(string name, PemPair pair, PemPair authority) => new()
    {
        CertificatePath = Write(name + ".pem", pair.Certificate),
        KeyPath = Write(name + ".key", pair.Key),
        AuthorityPath = Write(name + ".authority.pem", authority.Certificate),
    };

    private string Write(string name, string text)
    {
        string path = Path.Combine(_root, name);
        File.WriteAllText(path, text);
        return path;
    }
}
