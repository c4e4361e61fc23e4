using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class DeleteBucketTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task A_bucket_goes_when_its_last_object_went()
    {
        await PutAsync("a", [1]);
        await PutAsync("b", []);
        ShouldBeError(await Client.SendAsync("DELETE", $"/{Bucket}"), 409, "BucketNotEmpty");
        await DeleteAsync("a");
        ShouldBeError(await Client.SendAsync("DELETE", $"/{Bucket}"), 409, "BucketNotEmpty");
        await DeleteAsync("b");
        var deleted = await Client.SendAsync("DELETE", $"/{Bucket}");
        deleted.Status.ShouldBe(204);
        deleted.Body.ShouldBeEmpty();
        ShouldBeError(await GetAsync("a"), 404, "NoSuchBucket");
        ShouldBeError(await PutAsync("a", [1]), 404, "NoSuchBucket");
        ShouldBeError(await ListAsync(), 404, "NoSuchBucket");
        ShouldBeError(await Client.SendAsync("DELETE", $"/{Bucket}"), 404, "NoSuchBucket");
    }

    [Fact]
    public async Task A_bucket_made_again_is_empty()
    {
        await PutAsync("old", [1]);
        var uploadId = await CreateUploadAsync("under way");
        await AbortAsync("under way", uploadId);
        await DeleteAsync("old");
        (await Client.SendAsync("DELETE", $"/{Bucket}")).Status.ShouldBe(204);
        (await Client.SendAsync("PUT", $"/{Bucket}")).Status.ShouldBe(200);
        (await KeysAsync()).ShouldBeEmpty();
        (await GetAsync("old")).Status.ShouldBe(404);
        ShouldBeError(await PutPartAsync("under way", uploadId, 1, [1]), 404, "NoSuchUpload");
    }

    [Fact]
    public async Task Either_the_object_or_the_delete_wins_and_never_both()
    {
        for (var round = 0; round < 8; round++)
        {
            var name = $"{Bucket}-race-{round}";
            (await Client.SendAsync("PUT", $"/{name}")).Status.ShouldBe(200);
            var put = Client.SendAsync("PUT", $"/{name}/key", body: [1]);
            var delete = Client.SendAsync("DELETE", $"/{name}");
            var answers = await Task.WhenAll(put, delete);
            var found = await Client.SendAsync("GET", $"/{name}/key");
            if (answers[1].Status == 204)
            {
                answers[0].Status.ShouldBe(404);
                found.Code.ShouldBe("NoSuchBucket");
            }
            else
            {
                answers[1].Status.ShouldBe(409);
                answers[0].Status.ShouldBe(200);
                found.Status.ShouldBe(200);
            }
        }
    }
}
