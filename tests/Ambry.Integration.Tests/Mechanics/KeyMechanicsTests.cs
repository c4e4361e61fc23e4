using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Mechanics;

/// <summary>Keys are bytes: nothing is folded, decoded twice or taken for a path.</summary>
public sealed class KeyMechanicsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private static readonly string[] Keys =
    [
        "/", "//", "a//b", "/a", "a/", ".", "..", "./a", "../a", "a/./b", "a/../b", "a/..", "a%2Fb", "%", "%25",
        "%2525", "\u00fc", "u\u0308", "\u212b", "\u00c5", "a+b", "a b", "a%20b", "a ", " a", "a\tb", "A", "a", "?",
        "a?b=c", "#", "a#b", "&=;:@,", "\\", "a\\b", "~", "*", "'\"<>", "\ufeffa", "\U0001f600", "bucket/key", "con",
        "nul.txt", "a:b", "a|b",
    ];

    [Fact]
    public async Task Mechanic_24_every_key_is_itself_and_no_other()
    {
        foreach (var key in Keys)
        {
            (await PutAsync(key, TestContent.Text($"<{key}>"))).Status.ShouldBe(200, key);
        }

        foreach (var key in Keys)
        {
            (await GetAsync(key)).Text.ShouldBe($"<{key}>");
            (await ListAsync(("prefix", key), ("max-keys", "1"), ("encoding-type", "url"))).Values("Key")
                .Select(Uri.UnescapeDataString).ShouldBe([key]);
        }

        (await ListAsync(("encoding-type", "url"))).Values("Key").Count.ShouldBe(Keys.Length);
        foreach (var key in Keys)
        {
            (await DeleteAsync(key)).Status.ShouldBe(204, key);
            (await GetAsync(key)).Status.ShouldBe(404, key);
        }

        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Mechanic_24_an_escape_more_or_less_is_the_same_key()
    {
        await PutAsync("a-b~c(d)", TestContent.Text("same"));
        foreach (var path in (string[])["a-b~c(d)", "%61-b~c%28d%29", "a%2Db%7Ec%28d)", "a-b%7ec(d%29"])
        {
            var request = Client.Sign("GET", $"/{Bucket}/a-b~c(d)") with { Target = $"/{Bucket}/{path}" };
            (await Client.SendAsync(request)).Text.ShouldBe("same", path);
        }
    }

    [Fact]
    public async Task Mechanic_24_a_plus_in_a_path_is_a_plus()
    {
        await PutAsync("a+b", TestContent.Text("plus"));
        var request = Client.Sign("GET", $"/{Bucket}/a+b") with { Target = $"/{Bucket}/a+b" };
        (await Client.SendAsync(request)).Text.ShouldBe("plus");
        (await GetAsync("a b")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Mechanic_25_an_empty_object_that_ends_in_a_slash_is_an_object()
    {
        (await PutAsync("dir/", [], ("Content-Type", "application/x-directory"))).Status.ShouldBe(200);
        await PutAsync("dir", TestContent.Text("file of the same name"));
        await PutAsync("dir/child", [1]);
        var head = await HeadAsync("dir/");
        head["Content-Length"].ShouldBe("0");
        head["Content-Type"].ShouldBe("application/x-directory");
        (await KeysAsync()).ShouldBe(["dir", "dir/", "dir/child"]);
        (await ListAsync(("prefix", "dir/"), ("delimiter", "/"))).Values("Key").ShouldBe(["dir/", "dir/child"]);
        (await DeleteAsync("dir/")).Status.ShouldBe(204);
        (await GetAsync("dir/child")).Body.ShouldBe([1]);
        (await GetAsync("dir")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Mechanic_26_a_copy_onto_itself_has_to_change_something()
    {
        await PutAsync("key", [1], ("x-amz-meta-mode", "33188"));
        ShouldBeError(await CopyAsync($"/{Bucket}/key", "key"), 400, "InvalidRequest");
        ShouldBeError(
            await CopyAsync($"/{Bucket}/key", "key", ("x-amz-metadata-directive", "COPY")), 400, "InvalidRequest");
        var changed = await CopyAsync(
            $"/{Bucket}/key", "key", ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-mode", "33261"));
        changed.Status.ShouldBe(200, changed.Text);
        var got = await GetAsync("key");
        got["x-amz-meta-mode"].ShouldBe("33261");
        got["x-amz-server-side-encryption"].ShouldBeNull();
        got.Body.ShouldBe([1]);
    }
}
