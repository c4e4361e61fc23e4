using System.Net.Sockets;
using System.Text;
using Ambry.S3.Errors;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class PipelineTests : GatewayTest
{
    [Fact]
    public async Task An_unsigned_request_is_denied()
    {
        var answer = await RawClient.SendAsync(
            World.Address, Encoding.ASCII.GetBytes($"GET /bucket HTTP/1.1\r\nHost: {World.Address}\r\n\r\n"), null);
        answer.Status.ShouldBe(403);
        answer.Code.ShouldBe("AccessDenied");
        answer["Content-Type"].ShouldBe("application/xml");
    }

    [Fact]
    public async Task A_valid_signature_of_somebody_else_is_denied()
    {
        var answer = await World.SendAsync("GET", "/bucket", accessKey: GatewayWorld.StrangerKey);
        answer.Status.ShouldBe(403);
        answer.Code.ShouldBe("AccessDenied");
    }

    [Fact]
    public async Task A_wrong_signature_shows_what_was_signed()
    {
        var head = Encoding.ASCII.GetString(World.Signed("GET", "/bucket"));
        var changed = head.Replace("GET /bucket ", "GET /other ", StringComparison.Ordinal);
        var answer = await RawClient.SendAsync(World.Address, Encoding.ASCII.GetBytes(changed), null);
        answer.Status.ShouldBe(403);
        answer.Code.ShouldBe("SignatureDoesNotMatch");
        answer.Value("CanonicalRequest").ShouldNotBeNull().ShouldStartWith("GET\n/other\n");
        answer.Text.ShouldNotContain(GatewayWorld.Secret);
    }

    [Fact]
    public async Task A_refused_body_leaves_the_connection_usable_when_it_is_short()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(World.Address);
        var body = new byte[1000];
        await client.GetStream().WriteAsync(World.Signed("PUT", "/nowhere/key", body: body));
        await client.GetStream().WriteAsync(body);
        var refused = await RawClient.ReadAsync(client.GetStream(), isHead: false);
        refused.Status.ShouldBe(404);
        refused["Connection"].ShouldBeNull();
        await client.GetStream().WriteAsync(World.Signed("GET", "/bucket"));
        (await RawClient.ReadAsync(client.GetStream(), isHead: false)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_refused_body_that_is_long_still_gets_its_answer()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(World.Address);
        var body = new byte[4 << 20];
        await client.GetStream().WriteAsync(World.Signed("PUT", "/nowhere/key", body: body));
        await client.GetStream().WriteAsync(body);
        var refused = await RawClient.ReadAsync(client.GetStream(), isHead: false);
        refused.Status.ShouldBe(404);
        refused.IsWhole.ShouldBeTrue();
        refused["Connection"].ShouldBe("close");
    }

    [Fact]
    public async Task A_defect_is_an_internal_error_that_shows_nothing()
    {
        World.Store.Defect = new InvalidOperationException("/secret/path");
        var answer = await World.GetAsync("/bucket/key");
        answer.Status.ShouldBe(500);
        answer.Code.ShouldBe("InternalError");
        answer.Text.ShouldNotContain("secret");
        World.Log.ShouldContain(
            line => line.StartsWith("Error 7001", StringComparison.Ordinal) && line.Contains("/secret/path"));
    }

    [Fact]
    public async Task Every_request_leaves_one_line_without_names()
    {
        var answer = await World.GetAsync("/bucket/very-private-key");
        var id = answer["x-amz-request-id"]!;
        for (var turn = 0; turn < 1000 && !Lines().Any(line => line.Contains(id)); turn++)
        {
            // The line is written after the answer has gone out; another round trip gives it its turn.
            await World.HeadAsync("/bucket");
        }

        var line = Lines().Single(line => line.Contains(id));
        line.ShouldStartWith($"Debug 7000 {id} GetObject answered 404 NoSuchKey with ");
        line.ShouldNotContain("very-private-key");
    }

    [Fact]
    public async Task Request_ids_are_16_upper_case_hex_digits_and_differ()
    {
        var first = (await World.HeadAsync("/bucket"))["x-amz-request-id"]!;
        var second = (await World.HeadAsync("/bucket"))["x-amz-request-id"]!;
        first.ShouldMatch("^[0-9A-F]{16}$");
        second.ShouldNotBe(first);
    }

    [Fact]
    public async Task Too_many_header_bytes_are_refused_with_a_document()
    {
        var answer = await World.GetAsync("/bucket", ("x-long", new string('v', 20_000)));
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("RequestHeaderSectionTooLarge");
    }

    [Fact]
    public async Task A_method_that_means_nothing_is_not_allowed()
    {
        var answer = await World.SendAsync("PATCH", "/bucket");
        answer.Status.ShouldBe(405);
        answer.Code.ShouldBe("MethodNotAllowed");
        answer["Allow"].ShouldNotBeNull();
    }

    [Theory]
    [InlineData("get")]
    [InlineData("Put")]
    [InlineData("head")]
    public async Task A_method_in_other_letters_is_another_method(string method)
    {
        var answer = await World.SendAsync(method, "/bucket/key");
        answer.Status.ShouldBe(405);
        answer.Code.ShouldBe("MethodNotAllowed");
        (await World.HeadAsync("/bucket/key")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Many_headers_pass_or_are_refused_with_a_document()
    {
        var headers = Enumerable.Range(0, 1_000).Select(index => ($"x-amz-meta-{index}", "")).ToArray();
        var answer = await World.SendAsync("PUT", "/bucket/key", headers: headers, body: [1]);
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("RequestHeaderSectionTooLarge");
        var some = headers[..400];
        (await World.SendAsync("PUT", "/bucket/key", headers: some, body: [1])).Status.ShouldBe(200);
        (await World.HeadAsync("/bucket/key")).Headers.Count(header => header.Name.StartsWith("x-amz-meta-"))
            .ShouldBe(400);
    }

    [Fact]
    public async Task Header_bytes_beyond_the_dialects_limit_are_told_up_to_64_kib()
    {
        var answer = await World.GetAsync("/bucket", ("x-long", new string('v', 60_000)));
        answer.Code.ShouldBe("RequestHeaderSectionTooLarge");
    }

    [Theory]
    [InlineData(S3Target.TargetLengthMax, "AccessDenied")]
    [InlineData(S3Target.TargetLengthMax + 1, "InvalidURI")]
    public async Task A_target_is_as_long_as_the_dialect_says(int length, string code)
    {
        var target = "/bucket?x=".PadRight(length, 'y');
        var head = $"GET {target} HTTP/1.1\r\nHost: {World.Address}\r\n\r\n";
        var answer = await RawClient.SendAsync(World.Address, Encoding.ASCII.GetBytes(head), null);
        answer.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_presigned_url_needs_no_header()
    {
        await World.PutAsync("/bucket/key", "hello");
        var signer = new RequestSigner(
            GatewayWorld.AccessKey, GatewayWorld.Secret, World.Options.Region, World.Time.GetUtcNow())
        {
            Host = World.Address.ToString(),
        };
        var head = GatewayWorld.Head(signer.Presign("GET", "/bucket/key", 60), null);
        (await RawClient.SendAsync(World.Address, head, null)).Text.ShouldBe("hello");
        World.Time.Advance(TimeSpan.FromSeconds(61));
        (await RawClient.SendAsync(World.Address, head, null)).Status.ShouldBe(403);
    }

    [Fact]
    public async Task A_presigned_put_takes_metadata_from_its_url()
    {
        var signer = new RequestSigner(
            GatewayWorld.AccessKey, GatewayWorld.Secret, World.Options.Region, World.Time.GetUtcNow())
        {
            Host = World.Address.ToString(),
        };
        var url = signer.Presign("PUT", "/bucket/key", 60, [("x-amz-meta-colour", "red")]);
        var answer = await RawClient.SendAsync(World.Address, GatewayWorld.Head(url, 5), "hello"u8.ToArray());
        answer.Status.ShouldBe(200, answer.ToString());
        (await World.HeadAsync("/bucket/key"))["x-amz-meta-colour"].ShouldBe("red");
    }

    [Theory]
    [InlineData("000000000000", 200)]
    [InlineData("111122223333", 403)]
    public async Task Another_expected_owner_is_denied(string owner, int status) =>
        (await World.GetAsync("/bucket", ("x-amz-expected-bucket-owner", owner))).Status.ShouldBe(status);

    [Fact]
    public async Task A_signature_for_another_region_learns_the_right_one()
    {
        var signer = new RequestSigner(GatewayWorld.AccessKey, GatewayWorld.Secret, "eu-west-1", World.Time.GetUtcNow())
        {
            Host = World.Address.ToString(),
        };
        var head = GatewayWorld.Head(signer.SignHeader("HEAD", "/bucket"), null);
        var answer = await RawClient.SendAsync(World.Address, head, null);
        answer.Status.ShouldBe(400);
        answer["x-amz-bucket-region"].ShouldBe("us-east-1");
    }

    [Fact]
    public async Task Bytes_that_are_no_utf8_in_a_header_are_no_bare_400()
    {
        var head = Encoding.Latin1.GetString(World.Signed("GET", "/bucket"));
        var bytes = Encoding.Latin1.GetBytes(
            head.Replace("\r\n\r\n", "\r\nx-note: \xE9\r\n\r\n", StringComparison.Ordinal));
        (await RawClient.SendAsync(World.Address, bytes, null)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Without_rules_a_preflight_is_forbidden_and_answers_carry_no_cors_headers()
    {
        var head = $"OPTIONS /bucket/key HTTP/1.1\r\nHost: {World.Address}\r\nOrigin: https://a.example\r\n"
            + "Access-Control-Request-Method: PUT\r\n\r\n";
        var answer = await RawClient.SendAsync(World.Address, Encoding.ASCII.GetBytes(head), null);
        answer.Status.ShouldBe(403);
        answer.Code.ShouldBe(S3Errors.AccessForbidden.Code);
        var plain = await World.GetAsync("/bucket", ("Origin", "https://a.example"));
        plain["Access-Control-Allow-Origin"].ShouldBeNull();
    }

    private List<string> Lines()
    {
        lock (World.Log)
        {
            return [.. World.Log];
        }
    }
}
