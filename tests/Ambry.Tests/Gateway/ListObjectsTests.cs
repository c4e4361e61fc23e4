using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class ListObjectsTests : GatewayTest
{
    private static readonly string[] Keys = ["a", "a-", "a/b", "a/c/d", "b", "z z+é"];

    [Fact]
    public async Task V2_lists_in_byte_order_with_all_that_a_client_compares()
    {
        var answer = await World.QueryAsync("/bucket", ("list-type", "2"));
        answer.Status.ShouldBe(200, answer.ToString());
        answer.Values("Key").ShouldBe(Keys);
        answer.Value("KeyCount").ShouldBe("6");
        answer.Value("MaxKeys").ShouldBe("1000");
        answer.Value("IsTruncated").ShouldBe("false");
        answer.Value("NextContinuationToken").ShouldBeNull();
        answer.Value("StartAfter").ShouldBeNull();
        answer.Values("ETag").ShouldAllBe(tag => tag == "\"9dd4e461268c8034f5c8564e155c67a6\"");
        answer.Values("Size").ShouldAllBe(size => size == "1");
        answer.Values("LastModified").ShouldAllBe(time => time == "2026-11-23T12:00:00.250Z");
        answer.Values("Owner").ShouldBeEmpty();
        answer.Value("Name").ShouldBe("bucket");
        answer.Xml.Name.ToString().ShouldBe("{http://s3.amazonaws.com/doc/2006-03-01/}ListBucketResult");
    }

    [Fact]
    public async Task A_trailing_slash_is_the_bucket_still() =>
        (await World.QueryAsync("/bucket/", ("list-type", "2"))).Values("Key").ShouldBe(Keys);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task V2_pages_with_its_token_and_misses_nothing(int maxKeys)
    {
        var found = new List<string>();
        string? token = null;
        do
        {
            List<(string, string)> query =
                [("list-type", "2"), ("delimiter", "/"), ("max-keys", maxKeys.ToString())];
            if (token is not null)
            {
                query.Add(("continuation-token", token));
            }

            var page = await World.SendAsync("GET", "/bucket", query);
            found.AddRange(page.Values("Key"));
            found.AddRange(page.Values("CommonPrefixes"));
            var count = page.Values("Key").Count + page.Values("CommonPrefixes").Count;
            page.Value("KeyCount").ShouldBe(count.ToString());
            token = page.Value("NextContinuationToken");
            page.Value("IsTruncated").ShouldBe(token is null ? "false" : "true");
        }
        while (token is not null);

        found.Order(StringComparer.Ordinal).ShouldBe(["a", "a-", "a/", "b", "z z+é"]);
    }

    [Fact]
    public async Task V2_shows_owners_only_when_asked()
    {
        var answer = await World.QueryAsync("/bucket", ("list-type", "2"), ("fetch-owner", "true"));
        answer.Values("ID").ShouldAllBe(id => id == World.Options.OwnerId);
        answer.Values("ID").Count.ShouldBe(6);
    }

    [Fact]
    public async Task Start_after_skips_and_is_echoed()
    {
        var answer = await World.QueryAsync("/bucket", ("list-type", "2"), ("start-after", "a/b"));
        answer.Values("Key").ShouldBe(["a/c/d", "b", "z z+é"]);
        answer.Value("StartAfter").ShouldBe("a/b");
    }

    [Fact]
    public async Task Encoding_type_url_encodes_keys_prefixes_and_delimiters()
    {
        var answer = await World.QueryAsync(
            "/bucket", ("list-type", "2"), ("prefix", "z z"), ("delimiter", "+"), ("encoding-type", "url"));
        answer.Value("EncodingType").ShouldBe("url");
        answer.Values("Prefix").ShouldBe(["z%20z", "z%20z%2B"]);
        answer.Value("Delimiter").ShouldBe("%2B");
    }

    [Fact]
    public async Task No_keys_at_all_may_be_asked_for()
    {
        var answer = await World.QueryAsync("/bucket", ("list-type", "2"), ("max-keys", "0"));
        answer.Status.ShouldBe(200);
        answer.Value("KeyCount").ShouldBe("0");
        answer.Value("IsTruncated").ShouldBe("false");
    }

    [Fact]
    public async Task A_made_up_token_is_refused() => (await World.QueryAsync(
        "/bucket", ("list-type", "2"), ("continuation-token", "nonsense"))).Code.ShouldBe("InvalidArgument");

    [Fact]
    public async Task V1_has_a_next_marker_only_with_a_delimiter()
    {
        var plain = await World.QueryAsync("/bucket", ("max-keys", "2"));
        plain.Value("IsTruncated").ShouldBe("true");
        plain.Value("NextMarker").ShouldBeNull();
        plain.Values("Owner").Count.ShouldBe(2);
        var grouped = await World.QueryAsync("/bucket", ("max-keys", "3"), ("delimiter", "/"));
        grouped.Value("NextMarker").ShouldBe("a/");
        var next = await World.QueryAsync("/bucket", ("marker", "a/"), ("delimiter", "/"));
        next.Values("Key").ShouldBe(["b", "z z+é"]);
        next.Value("Marker").ShouldBe("a/");
    }

    [Fact]
    public async Task A_missing_bucket_cannot_be_listed()
    {
        (await World.QueryAsync("/nowhere")).Code.ShouldBe("NoSuchBucket");
        (await World.QueryAsync("/nowhere", ("list-type", "2"))).Code.ShouldBe("NoSuchBucket");
    }

    private protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        foreach (var key in Keys)
        {
            await World.PutAsync($"/bucket/{key}", "x");
        }
    }
}
