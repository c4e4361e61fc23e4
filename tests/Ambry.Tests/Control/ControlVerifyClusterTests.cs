using Ambry.ClusterMap.Status;
using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Control;

/// <summary>`ambryctl verify cluster` over records that nodes are made to answer.</summary>
public sealed class ControlVerifyClusterTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeCluster _cluster = new(3);

    [Fact]
    public async Task Replicas_with_the_same_blobs_are_equal_whatever_the_order_and_number_of_their_records()
    {
        DateTimeOffset next = Noon.AddDays(1);
        Has(0, 0, Put(1, 1), Put(2, 2), Delete(3, 1), Put(4, 3), Ttl(5, 3, next), Put(6, 4), Delete(7, 4));
        _cluster[0].Records[0].Add(Undelete(8, 4, 2));
        Has(1, 0, Put(1, 2), Put(2, 3, next), Put(3, 4, lifeVersion: 2));
        Has(2, 0, Delete(1, 1), Put(2, 4), Delete(3, 4), Undelete(9, 4, 2), Put(10, 3), Put(11, 2), Ttl(12, 3, next));

        ControlRun run = await RunAsync();

        run.Error.ShouldBeEmpty();
        run.Output.ShouldBe("""
            partition 0: equal, 3 live blobs on 3 replicas
            partition 1: equal, 0 live blobs on 3 replicas
            cluster: equal; 2 partitions, 3 live blobs

            """);
        run.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task What_differs_is_named_with_what_each_replica_has()
    {
        Has(0, 0, Put(1, 1), Put(2, 2), Put(3, 3), Put(4, 4), Put(5, 5, Noon.AddDays(-1)));
        Has(1, 0, Put(1, 2), Put(2, 3, Noon.AddDays(1)), Put(3, 4, lifeVersion: 3), Put(6, 5, Noon.AddHours(-1)));
        Has(2, 0, Put(1, 1), Put(2, 2, size: 8), Put(3, 3), Put(4, 4));

        ControlRun run = await RunAsync("--settle 0");

        run.ExitCode.ShouldBe(1);
        run.ShouldBeGolden("verify-cluster-different.txt");
    }

    [Theory]
    [InlineData("delete", "absent")]
    [InlineData("crc", "7 bytes, crc 0000000d")]
    [InlineData("expiry", "expires 2024-05-09")]
    [InlineData("life", "life 1")]
    public async Task Each_thing_that_may_differ_is_found_by_itself(string what, string shown)
    {
        Has(0, 1, Put(1, 1));
        Has(1, 1, Put(1, 1));
        Has(2, 1, what switch
        {
            "delete" => [Put(1, 1), Delete(2, 1)],
            "crc" => [Put(1, 1) with { Crc = 13 }],
            "expiry" => [Put(1, 1), Ttl(2, 1, Noon.AddDays(8))],
            _ => [Put(1, 1, lifeVersion: 1)],
        });

        ControlRun run = await RunAsync("--settle 0");

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain(shown);
        run.Output.ShouldContain("cluster: DIFFERENT in 1 partition;");
    }

    [Fact]
    public async Task A_blob_that_is_level_a_moment_later_is_no_difference()
    {
        Has(0, 0, Put(1, 1), Put(2, 2));
        Has(1, 0, Put(1, 1), Put(2, 2));
        Has(2, 0, Put(1, 1));
        int asked = 0;
        _cluster[2].OnRequest = line =>
        {
            if (line.Contains("/partitions/0") && ++asked == 3)
            {
                Has(2, 0, Put(1, 1), Put(2, 2));
            }
        };

        (await RunAsync()).ExitCode.ShouldBe(0);
        asked.ShouldBe(3);
    }

    [Fact]
    public async Task Records_come_page_by_page()
    {
        RecordLine[] many = [.. Enumerable.Range(1, 25).Select(i => Put(i * 3, i))];
        for (int i = 0; i < 3; i++)
        {
            Has(i, 0, many);
            _cluster[i].PageRecords = 10;
        }

        (await RunAsync()).Output.ShouldStartWith("partition 0: equal, 25 live blobs on 3 replicas\n");
        _cluster[0].Requests.Where(line => line.Contains("/partitions/0/")).ShouldBe([
            "GET /partitions/0/blobs?after=0&max=4096 HTTP/1.1",
            "GET /partitions/0/blobs?after=30&max=4096 HTTP/1.1",
            "GET /partitions/0/blobs?after=60&max=4096 HTTP/1.1",
        ]);
    }

    [Fact]
    public async Task Damaged_content_is_a_difference_when_content_is_asked_for()
    {
        Has(0, 0, Put(1, 1) with { Content = "ok" }, Put(2, 2) with { Content = "corrupt" }, Delete(3, 2));
        Has(1, 0, Put(1, 1) with { Content = "corrupt" });
        Has(2, 0, Put(1, 1) with { Content = "ok" });

        (await RunAsync()).ExitCode.ShouldBe(0);
        ControlRun run = await RunAsync("--content --settle 0");

        run.ExitCode.ShouldBe(1);
        run.Output.ShouldContain("DIFFERENT, 1 of 1 live blob");
        run.Output.ShouldContain("127.0.0.1:6002: 7 bytes, crc 00000007, life 0, expires never, DAMAGED");
    }

    [Fact]
    public async Task A_replica_that_cannot_be_asked_is_neither_equal_nor_different()
    {
        await _cluster.StopAsync(2);
        ControlRun run = await RunAsync();

        run.ExitCode.ShouldBe(2);
        run.Output.ShouldEndWith(
            "cluster: NOT COMPARED in 2 partitions, equal elsewhere; 2 partitions, 0 live blobs\n");
        run.Error.ShouldContain("not reachable");
    }

    [Fact]
    public async Task Nobody_to_ask_for_the_map_is_exit_two()
    {
        string admin = _cluster[2].Admin;
        await _cluster.StopAsync(2);

        ControlRun run = await ControlRun.OfAsync("verify", "cluster", "--admin", admin);

        run.ExitCode.ShouldBe(2);
        run.Error.ShouldContain("the cluster map of 127.0.0.1:");
        (await RunAsync("--partition 9")).Error.ShouldBe("ambryctl: --partition: the map has no partition 9.\n");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task A_partition_with_more_blobs_than_fit_is_compared_in_passes(int maxIds)
    {
        RecordLine[] many = [.. Enumerable.Range(1, 40).Select(i => Put(i, i))];
        Has(0, 0, many);
        Has(1, 0, many[..^1]);
        Has(2, 0, many);
        using var client = new Ambry.Control.Cluster.AdminClient(null);
        var comparison = new Ambry.Control.Cluster.PartitionComparison(
            client,
            new PartitionId(0),
            [.. Enumerable.Range(0, 3).Select(i => new DataNodeId("127.0.0.1", _cluster[i].AdminPort))],
            withContent: false,
            maxIds);

        await comparison.CompareAsync(Noon, CancellationToken.None);

        comparison.LiveBlobs.ShouldBe(40);
        comparison.Different.Keys.ShouldBe([Id(40)]);
        comparison.LastLsn.ShouldBe([40L, 39L, 40L]);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    private Task<ControlRun> RunAsync(string words = "") =>
        _cluster.RunAsync($"verify cluster --admin {{admin}} {words}".TrimEnd());

    private void Has(int node, uint partition, params RecordLine[] records) =>
        _cluster[node].Records[partition] = [.. records];

    private static BlobId Id(int number) => new(
        new DataCenterId(1), 0, 0, new PartitionId(0), BlobKind.Simple, new Guid(number, 0, 0, new byte[8]));

    private static RecordLine Put(
        long lsn, int blob, DateTimeOffset? expires = null, ushort lifeVersion = 0, int size = 7) =>
        new(lsn, $"{Id(blob)}", "put", lifeVersion, Noon.AddDays(-9), expires, size, 7);

    private static RecordLine Delete(long lsn, int blob) => new(lsn, $"{Id(blob)}", "delete", 0, Noon, null, 0, 0);

    private static RecordLine Ttl(long lsn, int blob, DateTimeOffset? expires) =>
        new(lsn, $"{Id(blob)}", "ttl", 0, Noon, expires, 0, 0);

    private static RecordLine Undelete(long lsn, int blob, ushort lifeVersion) =>
        new(lsn, $"{Id(blob)}", "undelete", lifeVersion, Noon, null, 0, 0);
}
