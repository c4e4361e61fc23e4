using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class ListBucketsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task A_bucket_is_listed_with_its_day_and_its_region()
    {
        var listed = await Client.SendAsync("GET", "/", [("prefix", Bucket)]);
        listed.Status.ShouldBe(200);
        listed["Content-Type"].ShouldBe("application/xml");
        listed.Xml.Name.LocalName.ShouldBe("ListAllMyBucketsResult");
        listed.Xml.Name.NamespaceName.ShouldBe("http://s3.amazonaws.com/doc/2006-03-01/");
        var bucket = listed.Xml.Descendants()
            .Single(item => item.Name.LocalName == "Name" && item.Value == Bucket).Parent!;
        bucket.Elements().Select(item => item.Name.LocalName).ShouldBe(["Name", "CreationDate", "BucketRegion"]);
        listed.Values("CreationDate").ShouldAllBe(date => date.Length == 24 && date.EndsWith('Z'));
        listed.Element("BucketRegion").ShouldBe("us-east-1");
        listed.Element("ID").Length.ShouldBe(64);
    }

    [Fact]
    public async Task Pages_follow_each_other_by_name_and_hold_each_bucket_once()
    {
        string[] names = [$"{Bucket}-page-a", $"{Bucket}-page-b", $"{Bucket}-page-c"];
        foreach (var name in names.Reverse())
        {
            (await Client.SendAsync("PUT", $"/{name}")).Status.ShouldBe(200);
        }

        var first = await Client.SendAsync("GET", "/", [("prefix", $"{Bucket}-page-"), ("max-buckets", "2")]);
        first.Values("Name").ShouldBe(names[..2]);
        first.Element("Prefix").ShouldBe($"{Bucket}-page-");
        var second = await Client.SendAsync(
            "GET",
            "/",
            [
                ("prefix", $"{Bucket}-page-"), ("max-buckets", "2"),
                ("continuation-token", first.Element("ContinuationToken")),
            ]);
        second.Values("Name").ShouldBe(names[2..]);
        second.Values("ContinuationToken").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deleted_bucket_is_gone_from_the_list()
    {
        (await Client.SendAsync("DELETE", $"/{Bucket}")).Status.ShouldBe(204);
        var listed = await Client.SendAsync("GET", "/", [("prefix", Bucket)]);
        listed.Values("Name").ShouldNotContain(Bucket);
    }

    [Theory]
    [InlineData("max-buckets", "0")]
    [InlineData("max-buckets", "10001")]
    [InlineData("max-buckets", "many")]
    [InlineData("continuation-token", "made-up")]
    public async Task A_senseless_parameter_is_refused(string name, string value) =>
        ShouldBeError(await Client.SendAsync("GET", "/", [(name, value)]), 400, "InvalidArgument");

    [Fact]
    public async Task Another_region_has_no_buckets() =>
        (await Client.SendAsync("GET", "/", [("bucket-region", "eu-west-1")])).Values("Name").ShouldBeEmpty();
}
