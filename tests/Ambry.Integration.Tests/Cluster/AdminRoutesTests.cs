using System.Net;
using System.Text.Json;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>What the operators' listener of a running node answers.</summary>
[Collection(ClusterCollection.Name)]
public sealed class AdminRoutesTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Health_and_metrics_are_answered_by_every_process()
    {
        foreach (ClusterNode node in await cluster.NodesAsync())
        {
            (await SendAsync(node, "GET", "/health/live")).ShouldBe((HttpStatusCode.OK, "live\n"));
            (await SendAsync(node, "GET", "/health/ready")).ShouldBe((HttpStatusCode.OK, "ready\n"));
            (await SendAsync(node, "GET", "/metrics")).Text.ShouldContain("ambry_network_connections{");
        }
    }

    [Fact]
    public async Task A_replica_is_stopped_and_started()
    {
        ClusterNode node = await cluster.NodeAsync("data1");

        (await SendAsync(node, "POST", "/replicas/0/stop")).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.StatusAsync(node)).Replicas[0].Fault.ShouldBe("stopped by the operator");
        (await SendAsync(node, "GET", "/partitions/0/blobs")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await SendAsync(node, "POST", "/replicas/0/start")).Status.ShouldBe(HttpStatusCode.OK);
        (await cluster.StatusAsync(node)).Replicas[0].Fault.ShouldBeNull();

        (await SendAsync(node, "POST", "/replicas/9999/stop")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(node, "POST", "/replicas/x/stop")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Kinds_of_requests_are_disabled_and_enabled_for_a_partition()
    {
        ClusterNode node = await cluster.NodeAsync("data1");

        (await SendAsync(node, "POST", "/requests/1/updateTtl/disable")).Status.ShouldBe(HttpStatusCode.OK);
        using (var listed = JsonDocument.Parse((await SendAsync(node, "GET", "/requests")).Text))
        {
            JsonElement disabled = listed.RootElement.GetProperty("disabled");
            disabled.GetArrayLength().ShouldBe(1);
            disabled[0].GetProperty("partition").GetInt32().ShouldBe(1);
            disabled[0].GetProperty("operation").GetString().ShouldBe("updateTtl");
        }

        (await SendAsync(node, "POST", "/requests/1/updateTtl/enable")).Status.ShouldBe(HttpStatusCode.OK);
        using var after = JsonDocument.Parse((await SendAsync(node, "GET", "/requests")).Text);
        after.RootElement.GetProperty("disabled").GetArrayLength().ShouldBe(0);
        (await SendAsync(node, "POST", "/requests/1/steal/disable")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("", HttpStatusCode.OK)]
    [InlineData("?dc=1", HttpStatusCode.OK)]
    [InlineData("?dc=9", HttpStatusCode.NotFound)]
    [InlineData("?dc=x", HttpStatusCode.BadRequest)]
    public async Task Replication_is_paused_and_resumed(string query, HttpStatusCode status)
    {
        ClusterNode node = await cluster.NodeAsync("data3");

        (await SendAsync(node, "POST", $"/replication/pause{query}")).Status.ShouldBe(status);
        (await SendAsync(node, "POST", $"/replication/resume{query}")).Status.ShouldBe(status);
    }

    [Fact]
    public async Task Compaction_runs_while_the_caller_waits()
    {
        (HttpStatusCode status, string text) = await SendAsync(await cluster.NodeAsync("data2"), "POST", "/compact");

        status.ShouldBe(HttpStatusCode.OK);
        using var round = JsonDocument.Parse(text);
        round.RootElement.GetProperty("partitions").GetArrayLength().ShouldBeGreaterThanOrEqualTo(8);
    }

    [Theory]
    [InlineData("GET", "/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/compact", HttpStatusCode.MethodNotAllowed)]
    [InlineData("DELETE", "/cluster/map", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/partitions/0/blobs?max=0", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/partitions/0/blobs?max=4097", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/partitions/0/blobs?after=-1", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/partitions/0/blobs?content=some", HttpStatusCode.BadRequest)]
    [InlineData("GET", "/partitions/9999/blobs", HttpStatusCode.NotFound)]
    public async Task What_makes_no_sense_is_refused(string method, string path, HttpStatusCode status) =>
        (await SendAsync(await cluster.NodeAsync("data1"), method, path)).Status.ShouldBe(status);

    [Fact]
    public async Task A_web_page_cannot_change_anything()
    {
        ClusterNode node = await cluster.NodeAsync("data1");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://{node.Admin}/replicas/0/stop");
        request.Headers.Add("Origin", "http://evil.example");

        using HttpResponseMessage response = await cluster.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await cluster.StatusAsync(node)).Replicas[0].Fault.ShouldBeNull();
    }

    [Fact]
    public async Task A_gateway_has_no_replicas_to_manage()
    {
        ClusterNode gateway = await cluster.NodeAsync("gateway1");

        (await SendAsync(gateway, "POST", "/replicas/0/stop")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(gateway, "GET", "/requests")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await SendAsync(gateway, "GET", "/cluster/map")).Status.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(ClusterNode node, string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"http://{node.Admin}{path}");
        using HttpResponseMessage response = await cluster.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
