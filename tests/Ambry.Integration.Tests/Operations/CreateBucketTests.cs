using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class CreateBucketTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task A_new_bucket_is_there_at_once_and_says_where()
    {
        var name = Bucket + "-new";
        var created = await Client.SendAsync("PUT", $"/{name}");
        created.Status.ShouldBe(200, created.Text);
        created.HeaderNames.ShouldBe("content-length date location vary x-amz-id-2 x-amz-request-id");
        created["Location"].ShouldBe($"/{name}");
        created.Body.ShouldBeEmpty();
        (await Client.SendAsync("HEAD", $"/{name}")).Status.ShouldBe(200);
        (await Client.SendAsync("PUT", $"/{name}/key", body: [1])).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Of_many_creators_of_one_name_one_is_the_first()
    {
        var name = Bucket + "-race";
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => Client.SendAsync("PUT", $"/{name}")));
        answers.Count(answer => answer.Status == 200).ShouldBe(1);
        foreach (var answer in answers.Where(answer => answer.Status != 200))
        {
            ShouldBeError(answer, 409, "BucketAlreadyOwnedByYou");
            answer.Element("BucketName").ShouldBe(name);
        }
    }

    [Fact]
    public async Task A_bucket_is_created_by_its_host_name_as_well()
    {
        var name = Bucket + "-host";
        var client = new SignedClient(Fixture.Ambry) { Host = $"{name}.{AmbryProcess.Domain}:{Fixture.Ambry.Port}" };
        (await client.SendAsync("PUT", "/")).Status.ShouldBe(200);
        (await client.SendAsync("PUT", "/key", body: TestContent.Text("by host"))).Status.ShouldBe(200);
        (await Client.SendAsync("GET", $"/{name}/key")).Text.ShouldBe("by host");
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("UPPER")]
    [InlineData("under_score")]
    [InlineData("192.168.5.4")]
    [InlineData("-begins")]
    [InlineData("ends-")]
    [InlineData("dots..dots")]
    [InlineData("xn--something")]
    public async Task A_name_outside_the_rules_is_refused(string name) =>
        ShouldBeError(await Client.SendAsync("PUT", $"/{name}"), 400, "InvalidBucketName");

    [Fact]
    public async Task A_refused_document_creates_nothing()
    {
        var name = Bucket + "-refused";
        var broken = TestContent.Text("<CreateBucketConfiguration><Location");
        ShouldBeError(await Client.SendAsync("PUT", $"/{name}", body: broken), 400, "MalformedXML");
        var elsewhere = TestContent.Text(
            "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
            + "</CreateBucketConfiguration>");
        ShouldBeError(
            await Client.SendAsync("PUT", $"/{name}", body: elsewhere), 400, "IllegalLocationConstraintException");
        (await Client.SendAsync("HEAD", $"/{name}")).Status.ShouldBe(404);
    }
}
