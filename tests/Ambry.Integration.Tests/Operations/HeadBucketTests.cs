using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class HeadBucketTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task A_bucket_tells_its_region(string slash)
    {
        var head = await Client.SendAsync("HEAD", $"/{Bucket}{slash}");
        head.Status.ShouldBe(200);
        head["x-amz-bucket-region"].ShouldBe("us-east-1");
        head.Body.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_404_without_a_document()
    {
        var head = await Client.SendAsync("HEAD", $"/{Bucket}-absent");
        head.Status.ShouldBe(404);
        head.Body.ShouldBeEmpty();
        head["x-amz-request-id"]!.Length.ShouldBe(16);
    }

    [Fact]
    public async Task A_stranger_learns_the_region_and_nothing_else()
    {
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync($"HEAD /{Bucket} HTTP/1.1\r\nHost: {Client.Host}\r\n\r\n");
        var head = await connection.ReceiveAsync(isHead: true);
        head.Status.ShouldBe(403);
        head["x-amz-bucket-region"].ShouldBe("us-east-1");
    }
}
