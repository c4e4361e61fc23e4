using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Amazon.S3.Model;
using Ambry.ClusterMap;
using Ambry.ClusterMap.Status;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>A real cluster of three data nodes: objects, losses of a node, growth, and restarts.</summary>
[Collection(ClusterCollection.Name)]
public sealed class LocalClusterTests(ClusterFixture cluster)
{
    private static readonly TimeSpan RepairLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Objects_of_many_chunks_come_back_as_they_were_put()
    {
        string bucket = await cluster.NewBucketAsync();
        byte[] content = TestContent.Bytes(seed: 7, 9_000_001);
        await PutAsync(bucket, "large", content);
        await PutAsync(bucket, "empty", []);

        (await GetAsync(bucket, "large")).AsSpan().SequenceEqual(content).ShouldBeTrue();
        (await GetAsync(bucket, "empty")).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_files_name_every_process_and_the_keys()
    {
        IReadOnlyList<ClusterNode> nodes = await cluster.NodesAsync();

        nodes.Select(n => (n.Name, n.Role)).ShouldBe(
            [("data1", "data"), ("data2", "data"), ("data3", "data"), ("gateway1", "gateway,metadata")]);
        nodes.Select(n => n.Pid).Distinct().Count().ShouldBe(4);
        foreach (ClusterNode node in nodes)
        {
            (await File.ReadAllTextAsync($"/proc/{node.Pid}/cmdline")).ShouldContain(node.Dir);
        }
    }

    [Fact]
    public async Task A_start_while_it_runs_is_an_error_that_changes_nothing()
    {
        IReadOnlyList<ClusterNode> before = await cluster.NodesAsync();

        (int code, string output) = await cluster.TryStartAgainAsync();

        code.ShouldBe(1);
        output.ShouldContain("is running already");
        (await cluster.NodesAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task With_one_node_killed_objects_are_written_and_read_and_it_has_them_soon_after_it_is_back()
    {
        string bucket = await cluster.NewBucketAsync();
        await PutAsync(bucket, "before", [1]);
        await cluster.KillAsync("data2");
        for (int i = 0; i < 20; i++)
        {
            await PutAsync(bucket, $"missed-{i}", Encoding.UTF8.GetBytes($"content {i}"));
        }

        (await GetAsync(bucket, "before")).ShouldBe([1]);
        await cluster.StartNodeAsync("data2");

        await ClusterFixture.UntilAsync(HoldTheSameAsync, RepairLimit, "the node that was down has what it missed");
        for (int i = 0; i < 20; i++)
        {
            (await GetAsync(bucket, $"missed-{i}")).ShouldBe(Encoding.UTF8.GetBytes($"content {i}"));
        }
    }

    [Fact]
    public async Task Partitions_are_added_to_every_node_without_a_restart()
    {
        IReadOnlyList<ClusterNode> nodes = await cluster.NodesAsync();
        ClusterNode[] data = [.. nodes.Where(n => n.Role == "data")];
        int before = (await cluster.StatusAsync(data[0])).Replicas.Count;

        await ClusterFixture.ControlAsync(
            "cluster", "add-partitions", "--admin", data[0].Admin,
            "--partitions", "2", "--partition-capacity", "64MiB");

        await ClusterFixture.UntilAsync(
            async () => (await StatusesAsync()).All(
                s => s.Replicas.Count == before + 2 && s.Replicas.All(IsServing)),
            TimeSpan.FromSeconds(15),
            "every node serves the new partitions");
        ClusterNode gateway = nodes.Single(n => n.Role != "data");
        long version = (await cluster.StatusAsync(data[0])).MapVersion;
        await ClusterFixture.UntilAsync(
            async () => (await cluster.StatusAsync(gateway)).MapVersion == version,
            TimeSpan.FromSeconds(10),
            "the gateway has learnt of them");
        (await cluster.NodesAsync()).ShouldBe(nodes);
    }

    [Fact]
    public async Task A_map_that_was_made_from_an_older_one_or_does_not_hold_is_refused()
    {
        ClusterNode node = await cluster.NodeAsync("data1");
        byte[] present = await cluster.Http.GetByteArrayAsync(MapOf(node));
        ClusterLayout layout = ClusterLayout.Parse(present).Layout!;
        byte[] next = (layout with
        {
            HardwareLayout = layout.HardwareLayout with { Version = layout.HardwareLayout.Version + 1 },
        }).ToJson();

        (await PutMapAsync(node, next, null)).Status.ShouldBe(HttpStatusCode.PreconditionRequired);
        (HttpStatusCode status, string text) = await PutMapAsync(node, next, layout.Version - 1);
        status.ShouldBe(HttpStatusCode.Conflict);
        text.ShouldContain($"\"version\": {layout.Version}");
        text.ShouldContain($"\"offered\": {layout.Version + 1}");
        (status, text) = await PutMapAsync(node, "{}"u8.ToArray(), layout.Version);
        status.ShouldBe(HttpStatusCode.BadRequest);
        text.ShouldContain("layout.hardwareLayout: is missing");
        (await PutMapAsync(node, present, layout.Version)).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.Http.GetByteArrayAsync(MapOf(node))).ShouldBe(present);
    }

    [Fact]
    public async Task What_was_stored_is_there_after_a_restart_of_everything()
    {
        string bucket = await cluster.NewBucketAsync();
        byte[] content = TestContent.Bytes(seed: 11, 5_000_000);
        await PutAsync(bucket, "kept", content);

        await cluster.StopAsync();
        await cluster.StartAsync();

        (await GetAsync(bucket, "kept")).AsSpan().SequenceEqual(content).ShouldBeTrue();
        (await StatusesAsync()).ShouldAllBe(status => status.Replicas.All(IsServing));
    }

    private static bool IsServing(ReplicaStatus replica) =>
        replica.Fault is null && replica.State is ReplicaState.Standby or ReplicaState.Leader;

    private static Uri MapOf(ClusterNode node) => new($"http://{node.Admin}/cluster/map");

    private async Task<(HttpStatusCode Status, string Text)> PutMapAsync(ClusterNode node, byte[] map, long? from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, MapOf(node)) { Content = new ByteArrayContent(map) };
        if (from is { } version)
        {
            request.Headers.IfMatch.Add(
                new EntityTagHeaderValue($"\"{version.ToString(CultureInfo.InvariantCulture)}\""));
        }

        using HttpResponseMessage response = await cluster.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<IReadOnlyList<NodeStatus>> StatusesAsync()
    {
        var statuses = new List<NodeStatus>();
        foreach (ClusterNode node in (await cluster.NodesAsync()).Where(n => n.Role == "data"))
        {
            statuses.Add(await cluster.StatusAsync(node));
        }

        return statuses;
    }

    /// <summary>Whether every replica of each partition has the same puts, whatever their order.</summary>
    private async Task<bool> HoldTheSameAsync()
    {
        ClusterNode[] data = [.. (await cluster.NodesAsync()).Where(n => n.Role == "data")];
        foreach (ReplicaStatus replica in (await cluster.StatusAsync(data[0])).Replicas)
        {
            var contents = new List<string>();
            foreach (ClusterNode node in data)
            {
                string lines = await cluster.Http.GetStringAsync(
                    new Uri($"http://{node.Admin}/partitions/{replica.Partition}/blobs?max=4096&content=verify"));
                contents.Add(string.Join('\n', lines.Split('\n')
                    .Select(line => RecordLine.TryParse(Encoding.UTF8.GetBytes(line))).OfType<RecordLine>()
                    .Select(record => $"{record.Id} {record.Kind} {record.Crc} {record.Content}").Order()));
            }

            if (contents.Distinct().Count() > 1)
            {
                return false;
            }
        }

        return true;
    }

    private async Task PutAsync(string bucket, string key, byte[] content)
    {
        using var body = new MemoryStream(content);
        await cluster.S3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = body });
    }

    private async Task<byte[]> GetAsync(string bucket, string key)
    {
        using GetObjectResponse response = await cluster.S3.GetObjectAsync(bucket, key);
        using var body = new MemoryStream();
        await response.ResponseStream.CopyToAsync(body);
        return body.ToArray();
    }
}
