using System.Text;
using Ambry.Gateway;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class CorsTests : GatewayTest
{
    private const string Page = "https://app.example";

    private protected override GatewayOptions Options => new() { Cors = new CorsOptions { AllowedOrigins = [Page] } };

    [Fact]
    public async Task A_preflight_is_answered_without_a_signature()
    {
        var answer = await PreflightAsync(Page, "PUT", "content-type,x-amz-date");
        answer.Status.ShouldBe(200);
        answer["Access-Control-Allow-Origin"].ShouldBe(Page);
        answer["Access-Control-Allow-Methods"]!.ShouldContain("PUT");
        answer["Access-Control-Allow-Headers"].ShouldBe("content-type,x-amz-date");
        answer["Access-Control-Expose-Headers"]!.ShouldContain("ETag");
        answer["Access-Control-Max-Age"].ShouldBe("3600");
        answer["Vary"]!.ShouldContain("Origin");
        answer.Body.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://evil.example", "PUT")]
    [InlineData(Page, "TRACE")]
    public async Task What_no_rule_allows_is_forbidden(string origin, string method)
    {
        var answer = await PreflightAsync(origin, method, "");
        answer.Status.ShouldBe(403);
        answer.Code.ShouldBe("AccessForbidden");
    }

    [Fact]
    public async Task A_preflight_that_asks_nothing_is_bad() =>
        (await PreflightAsync("", "", "")).Code.ShouldBe("BadRequest");

    [Fact]
    public async Task Errors_carry_the_headers_too()
    {
        var answer = await World.GetAsync("/bucket/absent", ("Origin", Page));
        answer.Status.ShouldBe(404);
        answer["Access-Control-Allow-Origin"].ShouldBe(Page);
        answer["Access-Control-Expose-Headers"]!.ShouldContain("x-amz-request-id");
    }

    [Fact]
    public async Task Vary_is_there_without_an_origin()
    {
        await World.PutAsync("/bucket/key", "x");
        var answer = await World.GetAsync("/bucket/key");
        answer["Vary"].ShouldBe("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
        answer["Access-Control-Allow-Origin"].ShouldBeNull();
    }

    private Task<Answer> PreflightAsync(string origin, string method, string headers)
    {
        var head = new StringBuilder($"OPTIONS /bucket/key HTTP/1.1\r\nHost: {World.Address}\r\n");
        foreach (var (name, value) in new[]
        {
            ("Origin", origin),
            ("Access-Control-Request-Method", method),
            ("Access-Control-Request-Headers", headers),
        })
        {
            head.Append(value.Length == 0 ? "" : $"{name}: {value}\r\n");
        }

        return RawClient.SendAsync(World.Address, Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), null);
    }
}
