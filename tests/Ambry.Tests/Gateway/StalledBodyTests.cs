using System.Net.Sockets;
using Ambry.Gateway;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

/// <summary>A client that stops in the middle of its body, with a server that waits as short as it can.</summary>
public sealed class StalledBodyTests : GatewayTest
{
    private protected override GatewayOptions Options => new() { BodyRateGracePeriod = TimeSpan.FromSeconds(1.01) };

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public async Task Mechanic_19_a_stalled_body_is_a_request_timeout_that_clients_retry(int sentBytes)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(World.Address);
        var stream = client.GetStream();
        var head = World.Signed("PUT", "/bucket/key", body: new byte[1000], payloadHash: "UNSIGNED-PAYLOAD");
        await stream.WriteAsync(head);
        await stream.WriteAsync(new byte[sentBytes]);
        var answer = await RawClient.ReadAsync(stream, isHead: false);
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("RequestTimeout");
        answer["Connection"].ShouldBe("close");
        (await World.GetAsync("/bucket/key")).Status.ShouldBe(404);
    }
}
