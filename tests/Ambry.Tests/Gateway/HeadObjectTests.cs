using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class HeadObjectTests : GatewayTest
{
    private static readonly string[] PerRequest = ["x-amz-request-id", "x-amz-id-2", "Date"];

    [Fact]
    public async Task A_head_has_exactly_the_headers_of_the_get()
    {
        await World.PutAsync("/bucket/key", "hello", ("Content-Type", "text/plain"), ("x-amz-meta-a", "b"));
        var get = await World.GetAsync("/bucket/key");
        var head = await World.HeadAsync("/bucket/key");
        head.Status.ShouldBe(200);
        Stable(head).ShouldBe(Stable(get));
    }

    [Fact]
    public async Task An_error_has_no_body_but_a_request_id()
    {
        var head = World.Signed("HEAD", "/bucket/absent");
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(World.Address);
        await client.GetStream().WriteAsync(head);

        // A second request on the same connection proves that no byte of a body came in between.
        await client.GetStream().WriteAsync(World.Signed("HEAD", "/bucket"));
        var first = await RawClient.ReadAsync(client.GetStream(), isHead: true);
        var second = await RawClient.ReadAsync(client.GetStream(), isHead: true);
        first.Status.ShouldBe(404);
        first["x-amz-request-id"].ShouldNotBeNull();
        second.Status.ShouldBe(200);
    }

    [Fact]
    public async Task Conditions_hold_for_a_head_as_for_a_get()
    {
        await World.PutAsync("/bucket/key", "hello");
        (await World.HeadAsync("/bucket/key", ("If-None-Match", "*"))).Status.ShouldBe(304);
        (await World.HeadAsync("/bucket/key", ("If-Match", "\"x\""))).Status.ShouldBe(412);
        var unsatisfiable = await World.HeadAsync("/bucket/key", ("Range", "bytes=9-"));
        unsatisfiable.Status.ShouldBe(416);
        unsatisfiable["Content-Range"].ShouldBe("bytes */5");
    }

    private static List<string> Stable(Answer answer) => answer.Headers
        .Where(header => !PerRequest.Contains(header.Name))
        .Select(header => $"{header.Name}: {header.Value}")
        .Order(StringComparer.Ordinal)
        .ToList();
}
