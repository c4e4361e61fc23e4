using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class ListObjectsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private static readonly string[] Tree = ["a", "b/1", "b/2", "b/c/1", "d", "e/1"];

    [Fact]
    public async Task A_page_shows_what_was_asked_and_what_was_found()
    {
        await PutTreeAsync();
        var listed = await PageAsync(("prefix", "b/"), ("delimiter", "/"));
        listed.Status.ShouldBe(200);
        listed.ChildNames.ShouldBe("Name Prefix Marker MaxKeys Delimiter IsTruncated Contents CommonPrefixes");
        listed.Element("Name").ShouldBe(Bucket);
        listed.Element("MaxKeys").ShouldBe("1000");
        listed.Element("IsTruncated").ShouldBe("false");
        listed.Values("Key").ShouldBe(["b/1", "b/2"]);
        listed.Xml.Elements().Last().Value.ShouldBe("b/c/");
        var content = listed.Xml.Elements().First(item => item.Name.LocalName == "Contents");
        content.Elements().Select(item => item.Name.LocalName)
            .ShouldBe(["Key", "LastModified", "ETag", "Size", "Owner", "StorageClass"]);
        listed.Element("StorageClass").ShouldBe("STANDARD");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Without_a_delimiter_the_last_key_leads_on(int pageSize)
    {
        await PutTreeAsync();
        var keys = new List<string>();
        RawResponse page;
        do
        {
            page = await PageAsync(("max-keys", $"{pageSize}"), ("marker", keys.LastOrDefault() ?? ""));
            page.Values("NextMarker").ShouldBeEmpty();
            page.Values("Key").Count.ShouldBeLessThanOrEqualTo(pageSize);
            keys.AddRange(page.Values("Key"));
        }
        while (page.Element("IsTruncated") == "true");

        keys.ShouldBe(Tree);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task With_a_delimiter_the_next_marker_leads_on(int pageSize)
    {
        await PutTreeAsync();
        var items = new List<string>();
        var marker = "";
        do
        {
            var page = await PageAsync(("max-keys", $"{pageSize}"), ("marker", marker), ("delimiter", "/"));
            items.AddRange(page.Values("Key"));
            items.AddRange(page.Xml.Elements().Where(item => item.Name.LocalName == "CommonPrefixes")
                .Select(item => item.Value));
            marker = page.Element("NextMarker");
            page.Element("IsTruncated").ShouldBe(marker.Length > 0 ? "true" : "false");
        }
        while (marker.Length > 0);

        items.Order(StringComparer.Ordinal).ShouldBe(["a", "b/", "d", "e/"]);
        items.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_marker_need_not_exist_and_an_end_is_an_empty_page()
    {
        await PutTreeAsync();
        (await PageAsync(("marker", "b/15"))).Values("Key").ShouldBe(["b/2", "b/c/1", "d", "e/1"]);
        var end = await PageAsync(("marker", "z"));
        end.Values("Key").ShouldBeEmpty();
        end.Element("IsTruncated").ShouldBe("false");
    }

    [Theory]
    [InlineData("max-keys", "-1")]
    [InlineData("max-keys", "x")]
    [InlineData("encoding-type", "base64")]
    public async Task A_senseless_parameter_is_refused(string name, string value) =>
        ShouldBeError(await PageAsync((name, value)), 400, "InvalidArgument");

    [Fact]
    public async Task A_bucket_that_is_not_there_has_no_list() =>
        ShouldBeError(await Client.SendAsync("GET", $"/{Bucket}-absent"), 404, "NoSuchBucket");

    private Task<RawResponse> PageAsync(params (string, string)[] query) =>
        Client.SendAsync("GET", $"/{Bucket}", query);

    private async Task PutTreeAsync()
    {
        foreach (var key in Tree)
        {
            (await PutAsync(key, [1])).Status.ShouldBe(200);
        }
    }
}
