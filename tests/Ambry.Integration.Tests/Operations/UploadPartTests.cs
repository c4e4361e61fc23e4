using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class UploadPartTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task A_part_is_answered_with_its_own_tag()
    {
        var uploadId = await CreateUploadAsync("key");
        var body = TestContent.Bytes(1, TestContent.Chunk + 3);
        var put = await PutPartAsync("key", uploadId, 1, body);
        put.Status.ShouldBe(200);
        put.HeaderNames.ShouldBe("content-length date etag vary x-amz-id-2 x-amz-request-id");
        put["ETag"].ShouldBe($"\"{TestContent.Md5(body)}\"");
        (await GetAsync("key")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_part_sent_again_replaces_the_first()
    {
        var uploadId = await CreateUploadAsync("key");
        var first = await PutPartAsync("key", uploadId, 1, TestContent.Text("first"));
        var second = await PutPartAsync("key", uploadId, 1, TestContent.Text("second"));
        ShouldBeError(await CompleteAsync("key", uploadId, Document((1, first["ETag"]!, ""))), 400, "InvalidPart");
        (await CompleteAsync("key", uploadId, Document((1, second["ETag"]!, "")))).Status.ShouldBe(200);
        (await GetAsync("key")).Text.ShouldBe("second");
    }

    [Fact]
    public async Task A_damaged_part_is_no_part()
    {
        var uploadId = await CreateUploadAsync("key");
        var body = TestContent.Bytes(2, TestContent.Chunk + 3);
        var other = TestContent.Text("other");
        ShouldBeError(
            await PutPartAsync("key", uploadId, 1, body, ("Content-MD5", TestContent.Md5Base64(other))),
            400,
            "BadDigest");
        ShouldBeError(
            await PutPartAsync("key", uploadId, 1, body, ("x-amz-checksum-crc32", TestContent.Crc32(other))),
            400,
            "BadDigest");
        var listed = await Client.SendAsync("GET", $"/{Bucket}/key", [("uploadId", uploadId)]);
        listed.Values("PartNumber").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-1")]
    [InlineData("one")]
    [InlineData("")]
    public async Task A_number_outside_the_range_is_refused(string number)
    {
        var uploadId = await CreateUploadAsync("key");
        ShouldBeError(
            await Client.SendAsync(
                "PUT", $"/{Bucket}/key", [("partNumber", number), ("uploadId", uploadId)], body: [1]),
            400,
            "InvalidArgument");
    }

    [Fact]
    public async Task An_upload_that_is_not_of_this_key_takes_no_part()
    {
        var uploadId = await CreateUploadAsync("key");
        ShouldBeError(await PutPartAsync("other", uploadId, 1, [1]), 404, "NoSuchUpload");
        var made = await PutPartAsync("key", "made-up", 1, [1]);
        ShouldBeError(made, 404, "NoSuchUpload");
        made.Element("UploadId").ShouldBe("made-up");
        await AbortAsync("key", uploadId);
        ShouldBeError(await PutPartAsync("key", uploadId, 1, [1]), 404, "NoSuchUpload");
    }
}
