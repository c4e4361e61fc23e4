using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class ListMultipartUploadsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task Uploads_are_listed_by_key_until_they_end()
    {
        var ids = new Dictionary<string, string>();
        foreach (var key in (string[])["z", "b/2", "a", "b/1"])
        {
            ids[key] = await CreateUploadAsync(key);
        }

        var listed = await PageAsync();
        listed.Status.ShouldBe(200);
        listed.Xml.Name.LocalName.ShouldBe("ListMultipartUploadsResult");
        listed.ChildNames.ShouldBe("Bucket KeyMarker UploadIdMarker Prefix MaxUploads IsTruncated Upload");
        listed.Values("Key").ShouldBe(["a", "b/1", "b/2", "z"]);
        listed.Values("UploadId").ShouldBe([ids["a"], ids["b/1"], ids["b/2"], ids["z"]]);
        listed.Values("Initiated").ShouldAllBe(time => time.Length == 24);
        await AbortAsync("a", ids["a"]);
        var part = await PutPartAsync("z", ids["z"], 1, [1]);
        await CompleteAsync("z", ids["z"], Document((1, part["ETag"]!, "")));
        (await PageAsync()).Values("Key").ShouldBe(["b/1", "b/2"]);
        var grouped = await PageAsync(("delimiter", "/"));
        grouped.Values("Key").ShouldBeEmpty();
        grouped.Xml.Elements().Last().Value.ShouldBe("b/");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Pages_follow_their_markers_within_one_key_too(int pageSize)
    {
        var ids = new List<string>();
        foreach (var key in (string[])["a", "a", "a", "b", "c"])
        {
            ids.Add(await CreateUploadAsync(key));
        }

        var found = new List<string>();
        RawResponse page = await PageAsync(("max-uploads", $"{pageSize}"));
        found.AddRange(page.Values("UploadId"));
        while (page.Element("IsTruncated") == "true")
        {
            page = await PageAsync(
                ("max-uploads", $"{pageSize}"),
                ("key-marker", page.Element("NextKeyMarker")),
                ("upload-id-marker", page.Element("NextUploadIdMarker")));
            found.AddRange(page.Values("UploadId"));
        }

        found.Order().ShouldBe(ids.Order());
        found.Count.ShouldBe(ids.Count);
    }

    [Fact]
    public async Task A_senseless_request_is_refused()
    {
        ShouldBeError(await PageAsync(("max-uploads", "x")), 400, "InvalidArgument");
        ShouldBeError(
            await Client.SendAsync("GET", $"/{Bucket}-absent", [("uploads", "")]), 404, "NoSuchBucket");
    }

    private Task<RawResponse> PageAsync(params (string, string)[] query) =>
        Client.SendAsync("GET", $"/{Bucket}", [("uploads", ""), .. query]);
}
