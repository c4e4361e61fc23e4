using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class AbortMultipartUploadTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task An_aborted_upload_and_its_parts_are_gone()
    {
        await PutAsync("key", [9]);
        var uploadId = await CreateUploadAsync("key");
        var part = await PutPartAsync("key", uploadId, 1, TestContent.Bytes(1, TestContent.Chunk + 1));
        var aborted = await AbortAsync("key", uploadId);
        aborted.Status.ShouldBe(204);
        aborted.HeaderNames.ShouldBe("date vary x-amz-id-2 x-amz-request-id");
        ShouldBeError(
            await CompleteAsync("key", uploadId, Document((1, part["ETag"]!, ""))), 404, "NoSuchUpload");
        (await Client.SendAsync("GET", $"/{Bucket}", [("uploads", "")])).Values("UploadId").ShouldBeEmpty();
        (await GetAsync("key")).Body.ShouldBe([9]);
    }

    [Fact]
    public async Task What_is_no_upload_cannot_be_aborted()
    {
        ShouldBeError(await AbortAsync("key", "made-up"), 404, "NoSuchUpload");
        var uploadId = await CreateUploadAsync("key");
        ShouldBeError(await AbortAsync("other", uploadId), 404, "NoSuchUpload");
        (await AbortAsync("key", uploadId)).Status.ShouldBe(204);
        ShouldBeError(
            await Client.SendAsync("DELETE", $"/{Bucket}-absent/key", [("uploadId", uploadId)]),
            404,
            "NoSuchBucket");
    }

    [Fact]
    public async Task Complete_and_abort_at_once_have_one_winner()
    {
        for (var round = 0; round < 6; round++)
        {
            var key = $"key-{round}";
            var uploadId = await CreateUploadAsync(key);
            var part = await PutPartAsync(key, uploadId, 1, [1]);
            var complete = CompleteAsync(key, uploadId, Document((1, part["ETag"]!, "")));
            var answers = await Task.WhenAll(complete, AbortAsync(key, uploadId));
            var exists = (await GetAsync(key)).Status == 200;
            (answers[0].Status == 200).ShouldBe(exists);
            (answers[1].Status == 204).ShouldBe(!exists);
        }
    }
}
