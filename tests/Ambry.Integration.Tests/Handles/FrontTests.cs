using System.Text;
using Ambry.Host;
using Ambry.Host.Handles;
using Ambry.Integration.Tests.Support;
using Ambry.Protocol;
using Ambry.Router;
using Ambry.Testing.Peers;

namespace Ambry.Integration.Tests.Handles;

/// <summary>What holds for every request: who may, what is there, what goes wrong.</summary>
public sealed class FrontTests : HandleTest
{
    public static TheoryData<RouterError> Errors() =>
        new(Enum.GetValues<RouterError>().Where(e => e != RouterError.None));

    [Fact]
    public async Task The_health_check_says_good_or_bad_to_everybody()
    {
        var good = await World.GetAsync("/healthCheck", ("Authorization", ""));
        good.Status.ShouldBe(200);
        good.Text.ShouldBe("GOOD");
        World.Reason = "draining";
        var bad = await World.GetAsync("/healthCheck", ("Authorization", ""));
        bad.Status.ShouldBe(503);
        bad.Text.ShouldBe("BAD");
        (await World.SendAsync("HEAD", "/healthCheck")).Body.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer handle-tests-key-of-more-than-32-byteS")]
    [InlineData("Bearer handle-tests-key-of-more-than-32-bytes1")]
    [InlineData("Basic handle-tests-key-of-more-than-32-bytes")]
    public async Task Without_the_key_nothing_is_done(string authorization)
    {
        string path = await World.StoreAsync([1]);
        (string, string) shown = ("Authorization", authorization);
        HandleAnswer[] answers =
        [
            await World.SendAsync("POST", "/", [1], HandleWorld.Required(shown)),
            await World.SendAsync("GET", path, null, shown),
            await World.SendAsync("DELETE", path, null, shown),
            await World.SendAsync("PUT", "/updateTtl", null, shown, ("x-ambry-blob-id", path)),
            await World.SendAsync("PUT", "/undelete", null, shown, ("x-ambry-blob-id", path)),
            await World.SendAsync("POST", "/stitch", [1], HandleWorld.Required(shown)),
            await World.SendAsync("GET", "/signedUrl", null, shown),
        ];
        foreach (var answer in answers)
        {
            answer.ShouldFail(401, "Unauthorized");
            answer["WWW-Authenticate"].ShouldBe("Bearer");
        }

        World.Cluster.Peers.LiveBlobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_configured_key_this_machine_needs_none()
    {
        await using var world = await HandleWorld.StartAsync(options => options with { Key = null });
        var posted = await world.SendAsync("POST", "/", [1], HandleWorld.Required(("Authorization", "")));
        posted.Status.ShouldBe(201, posted.Text);
        var signed = await world.GetAsync(
            "/signedUrl", ("Authorization", ""), ("x-ambry-url-type", "GET"), ("x-ambry-blob-id", posted["Location"]!));
        (await world.GetAsync(signed["x-ambry-signed-url"]!, ("Authorization", ""))).Body.ShouldBe([1]);
        (await world.GetAsync(signed["x-ambry-signed-url"] + "A", ("Authorization", ""))).Status.ShouldBe(403);
    }

    [Theory]
    [InlineData("GET", "/", "POST")]
    [InlineData("PUT", "/", "POST")]
    [InlineData("POST", "/healthCheck", "GET, HEAD")]
    [InlineData("POST", "/updateTtl", "PUT")]
    [InlineData("GET", "/undelete", "PUT")]
    [InlineData("PUT", "/stitch", "POST")]
    [InlineData("POST", "/signedUrl", "GET")]
    public async Task A_method_that_is_not_there_is_not_allowed(string method, string target, string allowed)
    {
        var answer = await World.SendAsync(method, target);
        answer.ShouldFail(405, "NotAllowed");
        answer["Allow"].ShouldBe(allowed);
    }

    [Fact]
    public async Task A_blob_is_not_overwritten()
    {
        string path = await World.StoreAsync([1]);
        (await World.SendAsync("PUT", path, [2])).ShouldFail(405, "NotAllowed");
        (await World.SendAsync("DELETE", path + "/BlobInfo")).ShouldFail(405, "NotAllowed");
    }

    [Fact]
    public async Task A_page_of_a_configured_origin_may_use_the_api()
    {
        (string, string)[] asked =
            [("Origin", "https://app.example"), ("Access-Control-Request-Headers", "x-ambry-service-id")];
        var preflight = await World.SendAsync("OPTIONS", "/", null, [.. asked, ("Authorization", "")]);
        preflight.Status.ShouldBe(200);
        preflight["Access-Control-Allow-Origin"].ShouldBe("https://app.example");
        preflight["Access-Control-Allow-Methods"].ShouldBe("POST, GET, OPTIONS, HEAD, DELETE, PUT");
        preflight["Access-Control-Allow-Headers"].ShouldBe("x-ambry-service-id");
        preflight["Access-Control-Max-Age"].ShouldBe("86400");
        string path = await World.StoreAsync([1]);
        (await World.GetAsync(path, asked[0]))["Access-Control-Allow-Origin"].ShouldBe("https://app.example");
        var failed = await World.GetAsync("/nonsense", asked[0]);
        failed["Access-Control-Allow-Origin"].ShouldBe("https://app.example");
        var other = await World.GetAsync(path, ("Origin", "https://evil.example"));
        other["Access-Control-Allow-Origin"].ShouldBeNull();
        other["Vary"].ShouldBe("Origin");
    }

    [Fact]
    public async Task Pages_of_every_origin_may_use_an_open_api()
    {
        await using var world = await HandleWorld.StartAsync(options => options with { CorsOrigins = ["*"] });
        var answer = await world.GetAsync("/healthCheck", ("Origin", "https://any.example"));
        answer["Access-Control-Allow-Origin"].ShouldBe("*");
        await using var closed = await HandleWorld.StartAsync(options => options with { CorsOrigins = [] });
        answer = await closed.SendAsync("OPTIONS", "/", null, ("Origin", "https://any.example"));
        answer.Headers.Keys.ShouldNotContain("access-control-allow-origin");
        answer.Headers.Keys.ShouldNotContain("access-control-allow-headers");
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void Every_outcome_has_its_status(RouterError error)
    {
        int status = error switch
        {
            RouterError.NotFound => 404,
            RouterError.Unavailable or RouterError.Busy => 503,
            RouterError.InsufficientCapacity => 507,
            RouterError.BadRequest => 400,
            RouterError.NotAllowed => 405,
            RouterError.NotDeleted => 409,
            _ => 500,
        };
        var fault = HandleErrorMap.ToException(error);
        fault.Fault.Status.ShouldBe(status);
        fault.Headers.Any(h => h.Key == "Retry-After").ShouldBe(status == 503);
    }

    [Theory]
    [InlineData(PeerError.Unreachable, 503)]
    [InlineData(PeerError.PartitionReadOnly, 507)]
    [InlineData(PeerError.Internal, 500)]
    public async Task A_put_that_fails_says_why(PeerError error, int status)
    {
        World.Fault = _ => error;
        var answer = await World.PostAsync([1, 2, 3]);
        answer.Status.ShouldBe(status, answer.Text);
        answer["Retry-After"].ShouldBe(status == 503 ? "1" : null);
        answer["Location"].ShouldBeNull();
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/BlobInfo")]
    [InlineData("GET", "/UserMetadata")]
    [InlineData("DELETE", "")]
    public async Task What_no_replica_answers_is_unavailable_and_not_missing(string method, string more)
    {
        string path = await World.StoreAsync([1, 2, 3]);
        World.Fault = _ => PeerError.Unreachable;
        (await World.SendAsync(method, path + more)).ShouldFail(503, "ServiceUnavailable");
    }

    [Fact]
    public async Task A_damaged_blob_is_an_error_of_the_server()
    {
        string path = await World.StoreAsync([1, 2, 3]);
        World.Fault = call => call.Operation == PeerOperation.Get ? PeerError.Corrupt : null;
        (await World.GetAsync(path)).ShouldFail(500, "InternalServerError");
    }

    [Fact]
    public async Task A_defect_is_logged_and_told_without_its_cause()
    {
        World.Fault = _ => throw new InvalidOperationException("secret");
        var answer = await World.PostAsync([1]);
        answer.Status.ShouldBeOneOf(500, 503);
        answer.Text.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Headers_beyond_the_limit_are_refused()
    {
        await using var connection = await RawConnection.OpenAsync(World.Port);
        var head = new StringBuilder("GET /healthCheck HTTP/1.1\r\nHost: here\r\n");
        for (int i = 0; i < 401; i++)
        {
            head.Append("x-ambry-um-").Append(i).Append(": 1\r\n");
        }

        await connection.SendAsync(head.Append("\r\n").ToString());
        (await connection.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 431 ");
    }

    [Fact]
    public async Task A_body_that_stops_coming_is_timed_out()
    {
        await using var world = await HandleWorld.StartAsync(
            options => options with { BodyRateGracePeriod = TimeSpan.FromSeconds(1.01) });
        await using var connection = await RawConnection.OpenAsync(world.Port);
        await connection.SendAsync(
            $"POST / HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {HandleWorld.Key}\r\nContent-Length: 100\r\n"
            + "x-ambry-service-id: tests\r\nx-ambry-content-type: a/b\r\n\r\nabc");
        var answer = await connection.ReceiveAsync();
        answer.Status.ShouldBe(408);
        answer["Connection"].ShouldBe("close");
        world.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public void Every_fault_of_the_options_is_listed()
    {
        var options = new HandleOptions
        {
            Listen = new ListenAddress("*", 1174),
            PublicUrl = "ftp://x",
            CacheTtl = TimeSpan.FromSeconds(-1),
            SignedUrlTtl = TimeSpan.FromHours(2),
            SignedUploadBytes = 0,
            ChunkTtl = TimeSpan.Zero,
            Accounts =
            [
                new("a", 1, []),
                new("a", 65535, [new("c", 1, CacheTtlSeconds: -1), new("c", 1)]),
                new("", 5, [new("\u00E4", 1)]),
                new("b", 5, [new("c", 1)]),
            ],
        };
        var faults = HandleOptionsRules.Validate(options);
        string[] wanted =
        [
            "loopback", "publicUrl", "cacheTtl:", "signedUrlTtl", "signedUploadBytes", "chunkTtl",
            "the name 'a' stands there 2 times", "the id 5 stands there 2 times", "id 1 is reserved",
            "id 65535 is reserved", "has no containers", "cacheTtlSeconds", "the name 'c' stands there 2 times",
            "the id 1 stands there 2 times", "a name has 1 to",
        ];
        foreach (string part in wanted)
        {
            faults.ShouldContain(f => f.Contains(part, StringComparison.Ordinal), part);
        }

        var refused = Should.Throw<StartupException>(() => HandleServer.Create(
            options, World.Cluster.Router, World.Cluster.Time, new RandomIdSource(),
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, () => null));
        refused.Message.ShouldContain("loopback");
    }

    [Fact]
    public void No_text_of_the_options_has_the_key() => World.Options.ToString().ShouldNotContain(HandleWorld.Key);

    [Theory]
    [InlineData("*", null, false)]
    [InlineData("10.0.0.1", null, false)]
    [InlineData("localhost", null, true)]
    [InlineData("[::1]", null, true)]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("*", "0123456789012345678901234567890", false)]
    [InlineData("*", "01234567890123456789012345678901", true)]
    [InlineData("127.0.0.1", "01234567890123456789 01234567890", false)]
    [InlineData("127.0.0.1", "", false)]
    public void A_key_is_long_enough_and_needed_beyond_this_machine(string host, string? key, bool isGood) =>
        (HandleOptionsRules.Validate(new HandleOptions { Listen = new ListenAddress(host, 1), Key = key }).Count == 0)
        .ShouldBe(isGood);
}
