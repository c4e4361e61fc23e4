using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

/// <summary>The fixture's process allows https://app.example.</summary>
public sealed class CorsPreflightTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private const string Origin = "https://app.example";

    [Fact]
    public async Task A_browser_may_ask_without_a_signature()
    {
        var answer = await PreflightAsync(Origin, "PUT", "content-type, x-amz-meta-a");
        answer.Status.ShouldBe(200);
        answer["Access-Control-Allow-Origin"].ShouldBe(Origin);
        answer["Access-Control-Allow-Methods"]!.ShouldContain("PUT");
        answer["Access-Control-Allow-Headers"].ShouldBe("content-type, x-amz-meta-a");
        answer["Access-Control-Max-Age"].ShouldBe("3600");
        answer["Vary"]!.ShouldContain("Origin");
        answer.Body.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("https://other.example", "PUT")]
    [InlineData("null", "GET")]
    [InlineData(Origin, "PATCH")]
    public async Task Others_may_not(string origin, string method)
    {
        var answer = await PreflightAsync(origin, method, null);
        ShouldBeError(answer, 403, "AccessForbidden");
        answer["Access-Control-Allow-Headers"].ShouldBeNull();
        answer["Access-Control-Allow-Origin"].ShouldBe(origin == Origin ? Origin : null);
    }

    [Fact]
    public async Task A_page_can_read_tags_and_errors()
    {
        var put = await PutAsync("key", [1], ("Origin", Origin));
        put["Access-Control-Allow-Origin"].ShouldBe(Origin);
        put["Access-Control-Expose-Headers"]!.ShouldContain("ETag");
        var missing = await GetAsync("absent", ("Origin", Origin));
        missing.Status.ShouldBe(404);
        missing["Access-Control-Allow-Origin"].ShouldBe(Origin);
        (await GetAsync("key", ("Origin", "https://other.example")))["Access-Control-Allow-Origin"].ShouldBeNull();
        (await GetAsync("key"))["Vary"]!.ShouldContain("Origin");
    }

    private async Task<RawResponse> PreflightAsync(string origin, string method, string? headers)
    {
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        var asked = headers is null ? "" : $"Access-Control-Request-Headers: {headers}\r\n";
        await connection.SendAsync(
            $"OPTIONS /{Bucket}/key HTTP/1.1\r\nHost: {Client.Host}\r\nOrigin: {origin}\r\n"
            + $"Access-Control-Request-Method: {method}\r\n{asked}\r\n");
        return await connection.ReceiveAsync();
    }
}
