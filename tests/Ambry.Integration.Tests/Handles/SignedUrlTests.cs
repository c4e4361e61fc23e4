using System.Globalization;
using Ambry.Host.Handles;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Handles;

public sealed class SignedUrlTests : HandleTest
{
    private static readonly (string, string) NoKey = ("Authorization", "");

    [Fact]
    public async Task An_upload_with_a_signed_url_is_as_it_was_signed()
    {
        string url = await SignAsync("POST", HandleWorld.Required(
            ("x-ambry-ttl", "3600"),
            ("x-ambry-um-a", "b c&d=e+f%\u00E4"),
            ("x-ambry-target-account-name", "photos"),
            ("x-ambry-target-container-name", "plain")));
        var posted = await World.SendAsync("POST", url, [1, 2, 3], NoKey);
        posted.Status.ShouldBe(201, posted.Text);
        var info = await World.GetAsync(posted["Location"] + "/BlobInfo");
        info["x-ambry-ttl"].ShouldBe("3600");
        info["x-ambry-um-a"].ShouldBe("b c&d=e+f%\u00E4");
        info["x-ambry-target-container-name"].ShouldBe("plain");
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    public async Task A_signed_url_is_good_for_its_method_and_blob_only(string method)
    {
        string path = await World.StoreAsync([1, 2, 3]);
        string other = await World.StoreAsync([4, 5, 6]);
        string url = await SignAsync(method, ("x-ambry-blob-id", path));
        foreach (string wrong in (string[])["GET", "HEAD", "DELETE"])
        {
            if (wrong != method)
            {
                (await World.SendAsync(wrong, url, null, NoKey)).Status.ShouldBe(403, wrong);
            }
        }

        (await World.SendAsync(method, url.Replace(path, other), null, NoKey)).Status.ShouldBe(403);
        (await World.SendAsync(method, url, null, NoKey)).Status.ShouldBe(method == "DELETE" ? 202 : 200);
    }

    [Fact]
    public async Task A_signed_url_carries_ranges_and_its_get_option()
    {
        string path = await World.StoreAsync([1, 2, 3]);
        string url = await SignAsync("GET", ("x-ambry-blob-id", path), ("x-ambry-get-option", "Include_All"));
        (await World.SendAsync("GET", url, null, NoKey, ("Range", "bytes=1-1"))).Body.ShouldBe([2]);
        await World.SendAsync("DELETE", path);
        (await World.SendAsync("GET", url, null, NoKey)).Body.ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task Each_changed_field_of_a_signed_url_is_refused()
    {
        string url = await SignAsync("POST", HandleWorld.Required(
            ("x-ambry-ttl", "3600"), ("x-ambry-private", "true"), ("x-ambry-owner-id", "me"), ("x-ambry-um-a", "b")));
        string[] fields = new Uri(url).Query[1..].Split('&');
        fields.Length.ShouldBe(9);
        string start = url[..(url.IndexOf('?') + 1)];
        for (int i = 0; i < fields.Length; i++)
        {
            string[][] changes =
            [
                [.. fields[..i], fields[i] + "0", .. fields[(i + 1)..]],
                [.. fields[..i], .. fields[(i + 1)..]],
                [.. fields[..i], fields[i][..^1], .. fields[(i + 1)..]],
                [.. fields[..i], "x-ambry-um-z" + fields[i][fields[i].IndexOf('=')..], .. fields[(i + 1)..]],
            ];
            foreach (string[] changed in changes)
            {
                var answer = await World.SendAsync("POST", start + string.Join('&', changed), [1], NoKey);
                answer.ShouldFail(403, "AccessDenied");
            }

            var twice = await World.SendAsync("POST", start + string.Join('&', [.. fields, fields[i]]), [1], NoKey);
            twice.Status.ShouldBeOneOf(400, 403);
        }

        (await World.SendAsync("POST", url + "&x-ambry-filename=f", [1], NoKey)).ShouldFail(403, "AccessDenied");
        (await World.SendAsync("POST", url + "&more=1", [1], NoKey)).ShouldFail(403, "AccessDenied");
        (await World.SendAsync("POST", url + "&X-AMBRY-TTL=1", [1], NoKey)).Status.ShouldBeOneOf(400, 403);
        World.Cluster.Peers.LiveBlobs.ShouldBeEmpty();
        string reordered = start + string.Join('&', fields.Reverse());
        (await World.SendAsync("POST", reordered, [1], NoKey)).Status.ShouldBe(201);
    }

    [Fact]
    public async Task Each_changed_character_of_a_signature_is_refused()
    {
        string url = await SignAsync("GET", ("x-ambry-blob-id", await World.StoreAsync([1])));
        int start = url.IndexOf("x-ambry-signature=", StringComparison.Ordinal) + "x-ambry-signature=".Length;
        for (int i = start; i < url.Length; i++)
        {
            string changed = url[..i] + (url[i] == 'A' ? 'B' : 'A') + url[(i + 1)..];
            (await World.SendAsync("GET", changed, null, NoKey)).Status.ShouldBe(403, $"character {i - start}");
        }
    }

    [Theory]
    [InlineData("x-ambry-ttl", "-1", 403)]
    [InlineData("x-ambry-private", "true", 403)]
    [InlineData("x-ambry-um-z", "z", 403)]
    [InlineData("x-ambry-service-id", "another", 403)]
    [InlineData("x-ambry-service-id", "tests", 201)]
    [InlineData("x-ambry-blob-size", "3", 201)]
    [InlineData("x-ambry-blob-size", "2", 400)]
    [InlineData("x-ambry-max-upload-size", "99999999", 403)]
    public async Task A_header_adds_nothing_to_what_was_signed(string name, string value, int status)
    {
        string url = await SignAsync("POST", HandleWorld.Required());
        (await World.SendAsync("POST", url, [1, 2, 3], NoKey, (name, value))).Status.ShouldBe(status);
    }

    [Theory]
    [InlineData(null, 300)]
    [InlineData("10", 10)]
    [InlineData("3600", 3600)]
    public async Task A_signed_url_ends_on_the_second(string? ttl, int seconds)
    {
        string path = await World.StoreAsync([1]);
        string url = await SignAsync("GET", [("x-ambry-blob-id", path), .. Optional("x-ambry-url-ttl-secs", ttl)]);

        // The clock of the tests stands a quarter past a second.
        World.Cluster.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(251));
        (await World.SendAsync("GET", url, null, NoKey)).Status.ShouldBe(200);
        World.Cluster.Time.Advance(TimeSpan.FromMilliseconds(1));
        (await World.SendAsync("GET", url, null, NoKey)).ShouldFail(403, "AccessDenied");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3601")]
    [InlineData("long")]
    public async Task A_signed_url_is_good_for_a_bounded_time(string ttl) =>
        (await World.GetAsync(
            "/signedUrl",
            ("x-ambry-url-type", "GET"),
            ("x-ambry-blob-id", await World.StoreAsync([1])),
            ("x-ambry-url-ttl-secs", ttl))).ShouldFail(400, "InvalidArguments");

    [Fact]
    public async Task More_than_was_signed_for_is_not_let_in()
    {
        int max = 3 * HandleCluster.ChunkBytes;
        string size = max.ToString(CultureInfo.InvariantCulture);
        string url = await SignAsync("POST", HandleWorld.Required(("x-ambry-max-upload-size", size)));
        (await World.SendAsync("POST", url, new byte[max + 1], NoKey)).ShouldFail(413, "TooLarge");
        await using (var connection = await RawConnection.OpenAsync(World.Port))
        {
            await connection.SendAsync(
                $"POST {new Uri(url).PathAndQuery} HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"
                + $"{max + 1:x}\r\n");
            await connection.SendAsync(new byte[max + 1]);
            await connection.SendAsync("\r\n0\r\n\r\n");
            (await connection.ReceiveAsync()).Status.ShouldBe(413);
        }

        (await World.SendAsync("POST", url, new byte[max], NoKey)).Status.ShouldBe(201);
    }

    [Theory]
    [InlineData("x-ambry-url-type", "PUT")]
    [InlineData("x-ambry-max-upload-size", "0")]
    [InlineData("x-ambry-max-upload-size", "99999999999999")]
    [InlineData("x-ambry-service-id", "")]
    [InlineData("x-ambry-ttl", "soon")]
    [InlineData("x-ambry-target-account-name", "photos")]
    public async Task What_could_not_be_uploaded_is_not_signed(string name, string value)
    {
        (string Name, string Value)[] headers = HandleWorld.Required(("x-ambry-url-type", "POST"));
        var answer = await World.GetAsync("/signedUrl", [.. headers.Where(h => h.Name != name), (name, value)]);
        answer.Status.ShouldBe(400, answer.Text);
        answer["x-ambry-signed-url"].ShouldBeNull();
    }

    [Fact]
    public async Task A_signed_url_makes_no_signed_urls()
    {
        string url = await SignAsync("GET", ("x-ambry-blob-id", await World.StoreAsync([1])));
        string query = new Uri(url).Query;
        (await World.SendAsync("GET", "/signedUrl" + query, null, NoKey)).ShouldFail(403, "AccessDenied");

        // Not even one that bears a signature for it, which nothing here gives away.
        string expiry = World.Cluster.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString();
        var fields = new Dictionary<string, string> { ["x-ambry-expiry"] = expiry };
        string signature = System.Buffers.Text.Base64Url.EncodeToString(
            new HandleKeys(HandleWorld.Key).SignUrl("PUT", "/undelete", fields));
        string forged = $"/undelete?x-ambry-expiry={expiry}&x-ambry-signature={signature}";
        (await World.SendAsync("PUT", forged, null, NoKey)).ShouldFail(403, "AccessDenied");
    }

    [Fact]
    public async Task A_chunk_can_be_uploaded_with_a_signed_url()
    {
        string url = await SignAsync(
            "POST", HandleWorld.Required(("x-ambry-chunk-upload", "true"), ("x-ambry-session", "s")));
        var posted = await World.SendAsync("POST", url, [1, 2, 3], NoKey);
        posted["Location"]!.ShouldStartWith("/signedId/");
    }

    [Fact]
    public async Task A_signed_url_begins_with_the_public_address()
    {
        await using var world = await HandleWorld.StartAsync(o => o with { PublicUrl = "https://blobs.example/" });
        string path = await world.StoreAsync([1]);
        var answer = await world.GetAsync("/signedUrl", ("x-ambry-url-type", "GET"), ("x-ambry-blob-id", path));
        answer["x-ambry-signed-url"]!.ShouldStartWith($"https://blobs.example{path}?x-ambry-expiry=");
    }

    private static (string, string)[] Optional(string name, string? value) => value is null ? [] : [(name, value)];

    private async Task<string> SignAsync(string method, params (string, string)[] headers)
    {
        var answer = await World.GetAsync("/signedUrl", [.. headers, ("x-ambry-url-type", method)]);
        answer.Status.ShouldBe(200, answer.Text);
        answer["Cache-Control"].ShouldBe("no-store");
        return answer["x-ambry-signed-url"]!;
    }
}
