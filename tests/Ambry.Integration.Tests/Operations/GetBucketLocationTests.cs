using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class GetBucketLocationTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task The_first_region_is_an_empty_constraint(string slash)
    {
        var location = await Client.SendAsync("GET", $"/{Bucket}{slash}", [("location", "")]);
        location.Status.ShouldBe(200);
        location.Xml.Name.ToString().ShouldBe("{http://s3.amazonaws.com/doc/2006-03-01/}LocationConstraint");
        location.Xml.Value.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_has_no_location() => ShouldBeError(
        await Client.SendAsync("GET", $"/{Bucket}-absent", [("location", "")]), 404, "NoSuchBucket");
}
