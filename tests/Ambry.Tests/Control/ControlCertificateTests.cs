using System.Security.Cryptography.X509Certificates;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

public sealed class ControlCertificateTests : IDisposable
{
    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _root = Directory.CreateTempSubdirectory("ambry-certs-").FullName;

    private string Authority => Path.Combine(_root, "authority");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Keys_are_readable_for_their_owner_alone()
    {
        await MakeAsync("n1", "--host", "localhost");

        foreach (string key in new[] { Path.Combine(Authority, "authority.key"), In("n1", "node.key") })
        {
            (OperatingSystem.IsWindows() ? UserOnly : File.GetUnixFileMode(key)).ShouldBe(UserOnly);
        }
    }

    [Fact]
    public async Task A_node_is_the_authority_s_and_has_its_hosts()
    {
        await MakeAsync("n1", "--host", "node-1.example", "--host", "127.0.0.1");

        using var node = X509Certificate2.CreateFromPemFile(In("n1", "node.pem"), In("n1", "node.key"));
        using var authority = X509CertificateLoader.LoadCertificateFromFile(In("n1", "authority.pem"));
        node.HasPrivateKey.ShouldBeTrue();
        node.MatchesHostname("node-1.example").ShouldBeTrue();
        node.MatchesHostname("127.0.0.1").ShouldBeTrue();
        node.MatchesHostname("other.example").ShouldBeFalse();
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.Build(node).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_there_is_not_written_over()
    {
        await MakeAsync("n1", "--host", "localhost");
        string before = await File.ReadAllTextAsync(In("n1", "node.key"));

        var again = await ControlRun.OfAsync(
            "cert", "node", Path.Combine(_root, "n1"), "--authority", Authority, "--host", "localhost");

        again.ExitCode.ShouldBe(1);
        (await File.ReadAllTextAsync(In("n1", "node.key"))).ShouldBe(before);
    }

    [Fact]
    public async Task A_folder_without_an_authority_is_named()
    {
        var run = await ControlRun.OfAsync(
            "cert", "node", Path.Combine(_root, "n1"), "--authority", _root, "--host", "localhost");

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("holds no authority");
    }

    private string In(string node, string file) => Path.Combine(_root, node, file);

    private async Task MakeAsync(string node, params string[] hosts)
    {
        (await ControlRun.OfAsync("cert", "init", Authority)).ExitCode.ShouldBe(0);
        string[] words = ["cert", "node", Path.Combine(_root, node), "--authority", Authority, .. hosts];
        (await ControlRun.OfAsync(words)).ExitCode.ShouldBe(0);
    }
}
