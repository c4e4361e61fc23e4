using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class DeleteObjectTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((2 * TestContent.Chunk) + 1)]
    public async Task A_deleted_object_is_gone_from_every_view(int size)
    {
        await PutAsync("key", TestContent.Bytes(1, size));
        await PutAsync("other", [1]);
        var deleted = await DeleteAsync("key");
        deleted.Status.ShouldBe(204);
        deleted.HeaderNames.ShouldBe("date vary x-amz-id-2 x-amz-request-id");
        ShouldBeError(await GetAsync("key"), 404, "NoSuchKey");
        (await HeadAsync("key")).Status.ShouldBe(404);
        (await KeysAsync()).ShouldBe(["other"]);
        ShouldBeError(await CopyAsync($"/{Bucket}/key", "copy"), 404, "NoSuchKey");
        (await DeleteAsync("key")).Status.ShouldBe(204);
    }

    [Fact]
    public async Task A_key_can_come_back_as_another_object()
    {
        for (var round = 0; round < 10; round++)
        {
            await PutAsync("key", TestContent.Text($"round {round}"));
            (await GetAsync("key")).Text.ShouldBe($"round {round}");
            (await DeleteAsync("key")).Status.ShouldBe(204);
            (await GetAsync("key")).Status.ShouldBe(404);
        }
    }

    [Fact]
    public async Task If_match_deletes_only_what_it_names()
    {
        ShouldBeError(await DeleteAsync("key", ("If-Match", "*")), 404, "NoSuchKey");
        var tag = (await PutAsync("key", [1]))["ETag"]!;
        ShouldBeError(await DeleteAsync("key", ("If-Match", "\"x\"")), 412, "PreconditionFailed");
        (await GetAsync("key")).Status.ShouldBe(200);
        (await DeleteAsync("key", ("If-Match", tag))).Status.ShouldBe(204);
        (await GetAsync("key")).Status.ShouldBe(404);
        await PutAsync("key", [2]);
        (await DeleteAsync("key", ("If-Match", "*"))).Status.ShouldBe(204);
    }

    [Fact]
    public async Task Of_many_conditional_deletes_one_succeeds()
    {
        var tag = (await PutAsync("key", [1]))["ETag"]!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => DeleteAsync("key", ("If-Match", tag))));
        answers.Count(answer => answer.Status == 204).ShouldBe(1);
        answers.ShouldAllBe(answer => answer.Status == 204 || answer.Status == 404 || answer.Status == 409);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_an_error() => ShouldBeError(
        await Client.SendAsync("DELETE", $"/{Bucket}-absent/key"), 404, "NoSuchBucket");
}
