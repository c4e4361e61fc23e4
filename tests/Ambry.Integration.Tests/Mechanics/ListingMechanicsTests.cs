using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Mechanics;

/// <summary>Tags and listings as clients compare them.</summary>
public sealed class ListingMechanicsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task Mechanic_14_a_tag_is_quoted_and_the_same_in_every_answer()
    {
        var put = await PutAsync("plain", TestContent.Text("hello"));
        put["ETag"]!.ShouldMatch("^\"[0-9a-f]{32}\"$");
        var completed = await PutMultipartAsync("multi", TestContent.Bytes(1, TestContent.SmallestPart), [1]);
        completed.Values("ETag")[0].ShouldMatch("^\"[0-9a-f]{32}-2\"$");
        (string, string)[] tags = [("plain", put["ETag"]!), ("multi", completed.Values("ETag")[0])];
        foreach (var (key, tag) in tags)
        {
            (await HeadAsync(key))["ETag"].ShouldBe(tag);
            (await GetAsync(key, ("Range", "bytes=0-0")))["ETag"].ShouldBe(tag);
            (await ListAsync(("prefix", key))).Values("ETag").ShouldBe([tag]);
            (await Client.SendAsync("GET", $"/{Bucket}", [("prefix", key)])).Values("ETag").ShouldBe([tag]);
        }
    }

    [Fact]
    public async Task Mechanic_15_keys_are_in_the_order_of_their_bytes()
    {
        // In UTF-16, U+1F600 would come before U+FF5E; in a file tree, "a/" before "a-".
        string[] keys =
            ["!", "A", "a", "a!", "a-", "a/", "a/b", "a0", "a\u0301", "b", "\u00e4", "\uff5e", "\U0001f600"];
        foreach (var key in keys.Reverse())
        {
            (await PutAsync(key, [1])).Status.ShouldBe(200);
        }

        (await KeysAsync()).ShouldBe(keys);
        (await KeysAsync(pageSize: 1)).ShouldBe(keys);
        (await Client.SendAsync("GET", $"/{Bucket}")).Values("Key").ShouldBe(keys);
        (await ListAsync(("start-after", "\uff5e"))).Values("Key").ShouldBe(["\U0001f600"]);
    }

    [Fact]
    public async Task Mechanic_15_url_encoding_covers_all_that_names_keys()
    {
        await PutAsync("a b+\u00fc/x y", [1]);
        await PutAsync("a b+\u00fc/z", [1]);
        await PutAsync("a b+\u00fc/z/1", [1]);
        var v2 = await ListAsync(
            ("encoding-type", "url"), ("prefix", "a b+\u00fc/"), ("delimiter", "/"), ("start-after", "a b"));
        v2.Element("EncodingType").ShouldBe("url");
        v2.Element("Prefix").ShouldBe("a%20b%2B%C3%BC/");
        v2.Element("Delimiter").ShouldBe("/");
        v2.Element("StartAfter").ShouldBe("a%20b");
        v2.Values("Key").ShouldBe(["a%20b%2B%C3%BC/x%20y", "a%20b%2B%C3%BC/z"]);
        v2.Xml.Elements().Last().Value.ShouldBe("a%20b%2B%C3%BC/z/");
        var v1 = await Client.SendAsync(
            "GET",
            $"/{Bucket}",
            [("encoding-type", "url"), ("marker", "a "), ("delimiter", "+"), ("max-keys", "1")]);
        v1.Element("Marker").ShouldBe("a%20");
        v1.Element("Delimiter").ShouldBe("%2B");
        v1.Xml.Elements().Last().Value.ShouldBe("a%20b%2B");
        var uploadId = await CreateUploadAsync("u v+");
        uploadId.ShouldNotBeEmpty();
        var uploads = await Client.SendAsync(
            "GET", $"/{Bucket}", [("uploads", ""), ("encoding-type", "url"), ("prefix", "u v"), ("key-marker", "u ")]);
        uploads.Values("Key").ShouldBe(["u%20v%2B"]);
        uploads.Element("Prefix").ShouldBe("u%20v");
        uploads.Element("KeyMarker").ShouldBe("u%20");
    }

    [Fact]
    public async Task Mechanic_16_truncated_means_a_token_and_items_are_keys_and_prefixes()
    {
        foreach (var key in (string[])["a/1", "a/2", "b", "c/1", "d"])
        {
            await PutAsync(key, [1]);
        }

        var page = await ListAsync(("delimiter", "/"), ("max-keys", "2"));
        page.Element("KeyCount").ShouldBe("2");
        page.Element("IsTruncated").ShouldBe("true");
        page.Values("Key").ShouldBe(["b"]);
        var next = await ListAsync(
            ("delimiter", "/"), ("max-keys", "2"), ("continuation-token", page.Element("NextContinuationToken")));
        next.Element("ContinuationToken").ShouldBe(page.Element("NextContinuationToken"));
        next.Values("Key").ShouldBe(["d"]);
        next.Element("IsTruncated").ShouldBe("false");
        next.Values("NextContinuationToken").ShouldBeEmpty();
        var exact = await ListAsync(("max-keys", "5"));
        exact.Element("IsTruncated").ShouldBe("false");
        exact.Values("NextContinuationToken").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("5000", "1000")]
    public async Task Mechanic_16_none_and_too_many_may_be_asked_for(string asked, string said)
    {
        await PutAsync("a", [1]);
        var page = await ListAsync(("max-keys", asked));
        page.Status.ShouldBe(200);
        page.Element("MaxKeys").ShouldBe(said);
        page.Element("IsTruncated").ShouldBe("false");
        page.Values("Key").Count.ShouldBe(asked == "0" ? 0 : 1);
    }

    [Fact]
    public async Task Mechanic_17_a_slash_after_the_bucket_is_still_the_bucket()
    {
        await PutAsync("a", [1]);
        (await Client.SendAsync("GET", $"/{Bucket}/", [("list-type", "2"), ("prefix", "")]))
            .Values("Key").ShouldBe(["a"]);
        (await Client.SendAsync("GET", $"/{Bucket}/")).Values("Key").ShouldBe(["a"]);
        (await Client.SendAsync("GET", $"/{Bucket}/", [("uploads", "")])).Status.ShouldBe(200);
        (await Client.SendAsync("PUT", $"/{Bucket}-slash/")).Status.ShouldBe(200);
        (await Client.SendAsync("DELETE", $"/{Bucket}-slash/")).Status.ShouldBe(204);
    }
}
