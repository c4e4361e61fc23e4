using System.Text;
using Ambry.Host.Configuration;
using Ambry.Log;
using Ambry.Network;
using Ambry.Protocol;

namespace Ambry.Integration.Tests.Host;

public sealed class ServerOptionsReaderTests
{
    private const string Data = """
        "roles": ["data"], "node": {"host": "127.0.0.1", "port": 6001}, "dataCenter": 1, "dataDir": "d",
        "admin": "127.0.0.1:6101"
        """;

    private const string Gateway = """
        "roles": ["gateway", "metadata"], "dataCenter": 2, "dataDir": "/var/ambry", "admin": "localhost:6101",
        "s3": {"listen": "0.0.0.0:9000"}
        """;

    [Fact]
    public void A_short_file_of_a_data_node_is_enough()
    {
        ServerOptions options = Good(Data);

        options.Roles.ShouldBe([NodeRole.Data]);
        options.Node.ShouldBe(new DataNodeId("127.0.0.1", 6001));
        options.PeerListen.ShouldBe(new Ambry.Host.ListenAddress("127.0.0.1", 6001));
        options.DataCenter.ShouldBe(new DataCenterId(1));
        options.DataFolder.ShouldBe("/etc/ambry/d");
        options.FirstClusterMap.ShouldBeNull();
        options.Durability.ShouldBe(DurabilityMode.Group);
        options.SegmentBytes.ShouldBe(128L << 20);
        options.Storage.DeletedRetention.ShouldBe(TimeSpan.FromDays(7));
        options.DrainLimit.ShouldBe(TimeSpan.FromSeconds(30));
        options.S3.ShouldBeNull();
        options.PeerTls.ShouldBeNull();
    }

    [Fact]
    public void Every_key_reaches_its_option()
    {
        ServerOptions options = Good($$"""
            {{Data}}, "clusterMap": "../map.json", "adminToken": "0123456789abcdef", "durability": "each",
            "segmentSize": "64MiB", "reserveSpace": true, "deletedRetention": "12h", "compactionRate": "1MiB",
            "scrubRate": "0", "hardDelete": true, "drainLimit": "5s", "logLevel": "debug",
            "routes": [{"to": "a:1", "via": "127.0.0.1:2"}],
            "peerTls": {"certificate": "c.pem", "key": "/k.pem", "authority": "a.pem"},
            "replication": {"between": "leaderBased", "workersWithin": 3, "workersBetween": 1, "rateWithin": "1MiB",
                "rateBetween": "2MiB"}
            """);

        options.FirstClusterMap.ShouldBe("/etc/map.json");
        options.AdminToken.ShouldBe("0123456789abcdef");
        options.Durability.ShouldBe(DurabilityMode.Each);
        options.SegmentBytes.ShouldBe(64L << 20);
        options.ReserveSpace.ShouldBeTrue();
        (options.Storage.DeletedRetention, options.Storage.CompactionBytesPerSecond).ShouldBe((
            TimeSpan.FromHours(12), 1L << 20));
        (options.Storage.ScrubBytesPerSecond, options.Storage.HardDelete).ShouldBe((0, true));
        options.DrainLimit.ShouldBe(TimeSpan.FromSeconds(5));
        options.LogLevel.ShouldBe(LogVerbosity.Debug);
        options.Routes.ShouldBe([new PeerRoute(new DataNodeId("a", 1), new DataNodeId("127.0.0.1", 2))]);
        options.PeerTls.ShouldBe(new PeerTlsFiles("/etc/ambry/c.pem", "/k.pem", "/etc/ambry/a.pem"));
        options.Replication.InterMode.ShouldBe(Ambry.Replication.InterMode.LeaderBased);
        (options.Replication.WorkersWithin, options.Replication.WorkersBetween).ShouldBe((3, 1));
        (options.Replication.BytesPerSecondWithin, options.Replication.BytesPerSecondBetween).ShouldBe((
            1L << 20, 2L << 20));
    }

    [Fact]
    public void A_gateway_has_its_front_and_its_handles()
    {
        ServerOptions options = Good($$"""
            {{Gateway}}, "metadata": {"shards": 8}, "router": {"memory": "32MiB"},
            "handle": {"listen": "127.0.0.1:9002", "accounts": [
                {"name": "photos", "id": 7, "containers": [{"name": "public", "id": 1, "cacheable": true}]}]}
            """);

        options.S3!.Listen.Port.ShouldBe(9000);
        options.S3.Region.ShouldBe("us-east-1");
        options.MetadataShards.ShouldBe(8);
        options.RouterMemoryBytes.ShouldBe(32L << 20);
        options.Handle!.Accounts.Single().Containers.Single().Cacheable.ShouldBeTrue();
        options.Node.ShouldBeNull();
    }

    [Fact]
    public void Everything_that_is_wrong_is_listed_at_once()
    {
        IReadOnlyList<string> faults = Faults("""
            "roles": ["data", "data"], "node": {"host": "", "prot": 1}, "dataCenter": 256, "admin": "0.0.0.0:1",
            "durability": "sometimes", "segmentSize": "1MiB", "surprise": 1, "hardDelete": "yes", "s3": 5,
            "routes": [{"to": "a:1"}], "durability": "group", "drainLimit": "0s", "peerTls": {"key": "k"},
            "handle": {"key": "short", "accounts": [{"name": "x"}]}
            """);

        string[] keys = [.. faults.Select(f => f[..f.IndexOf(':', StringComparison.Ordinal)]).Distinct()];
        foreach (string key in (string[])
            [
                "roles", "node.host", "node.prot", "dataCenter", "durability", "segmentSize", "surprise", "hardDelete",
                "s3", "routes", "drainLimit", "peerTls.certificate", "peerTls.authority", "dataDir", "adminToken",
                "handle.listen", "handle.key", "handle.accounts",
            ])
        {
            keys.ShouldContain(key, string.Join('\n', faults));
        }

        faults.ShouldContain("surprise: is not a known key");
        faults.ShouldContain("durability: is given twice");
    }

    [Theory]
    [InlineData("", "the file is not JSON")]
    [InlineData("[]", "the file must hold one object")]
    [InlineData("{\"roles\": [\"data\"]", "the file is not JSON")]
    public void What_is_no_object_is_one_fault_among_those_of_missing_keys(string json, string fault) =>
        ServerOptionsReader.Read(Encoding.UTF8.GetBytes(json), "/", _ => null).Faults[0].ShouldStartWith(fault);

    [Theory]
    [InlineData("\"gateway\"", "", "gateway needs s3.listen or handle.listen")]
    [InlineData("\"gateway\"", ",\"s3\": {\"listen\": \"127.0.0.1:1\"}", "add \"metadata\"")]
    [InlineData("\"metadata\"", "", "answers nobody")]
    [InlineData(
        "\"data\"",
        ",\"node\": {\"host\": \"h\", \"port\": 1}, \"s3\": {\"listen\": \"127.0.0.1:1\"}",
        "s3: means nothing without the role \"gateway\"")]
    public void Roles_that_do_not_go_together_are_faults(string roles, string more, string fault) => Faults(
        $"\"roles\": [{roles}], \"dataCenter\": 1, \"dataDir\": \"d\", \"admin\": \"127.0.0.1:1\"{more}")
        .ShouldHaveSingleItem().ShouldContain(fault);

    [Fact]
    public void A_gateway_for_handles_alone_needs_no_mapping() => Good("""
        "roles": ["gateway"], "dataCenter": 1, "dataDir": "d", "admin": "127.0.0.1:1",
        "handle": {"listen": "127.0.0.1:2"}
        """).Handle.ShouldNotBeNull();

    [Theory]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("[::1]:1", true)]
    [InlineData("localhost:1", true)]
    [InlineData("0.0.0.0:1", false)]
    [InlineData("*:1", false)]
    [InlineData("10.0.0.1:1", false)]
    public void Operators_beyond_the_loopback_need_a_token(string admin, bool isEnough)
    {
        string json = Data.Replace("127.0.0.1:6101", admin, StringComparison.Ordinal);

        Read(json).Faults.Count.ShouldBe(isEnough ? 0 : 1);
        Read($"{json}, \"adminToken\": \"0123456789abcdef\"").Faults.ShouldBeEmpty();
        Read(json, "0123456789abcdef").Options!.AdminToken.ShouldBe("0123456789abcdef");
        Read(json, "short").Faults.ShouldHaveSingleItem().ShouldStartWith("adminToken: ");
    }

    [Fact]
    public void Null_counts_as_left_out()
    {
        ServerOptions options = Good($"{Data}, \"adminToken\": null, \"s3\": null, \"segmentSize\": null");

        options.AdminToken.ShouldBeNull();
        options.SegmentBytes.ShouldBe(128L << 20);
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("node1.example", "*")]
    public void A_node_that_is_named_listens_at_every_address(string host, string listens) =>
        Good(Data.Replace("\"host\": \"127.0.0.1\"", $"\"host\": \"{host}\"", StringComparison.Ordinal))
            .PeerListen!.Host.ShouldBe(listens);

    private static ServerOptions Good(string members)
    {
        ServerOptionsResult read = Read(members);
        read.Faults.ShouldBeEmpty();
        return read.Options!;
    }

    private static IReadOnlyList<string> Faults(string members)
    {
        ServerOptionsResult read = Read(members);
        read.Options.ShouldBeNull();
        return read.Faults;
    }

    private static ServerOptionsResult Read(string members, string? token = null) => ServerOptionsReader.Read(
        Encoding.UTF8.GetBytes($"{{{members}}}"),
        "/etc/ambry",
        name => name == ServerOptionsReader.AdminTokenVariable ? token : null);
}
