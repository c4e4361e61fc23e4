using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class CreateMultipartUploadTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task An_upload_has_an_id_and_no_object_yet()
    {
        var created = await Client.SendAsync("POST", $"/{Bucket}/dir/key", [("uploads", "")]);
        created.Status.ShouldBe(200, created.Text);
        created.Xml.Name.LocalName.ShouldBe("InitiateMultipartUploadResult");
        created.ChildNames.ShouldBe("Bucket Key UploadId");
        created.Element("Bucket").ShouldBe(Bucket);
        created.Element("Key").ShouldBe("dir/key");
        created.Element("UploadId").ShouldNotBeEmpty();
        (await GetAsync("dir/key")).Status.ShouldBe(404);
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Two_uploads_of_one_key_are_two()
    {
        var first = await CreateUploadAsync("key");
        var second = await CreateUploadAsync("key");
        first.ShouldNotBe(second);
        await PutPartAsync("key", first, 1, [1]);
        ShouldBeError(
            await CompleteAsync("key", second, Document((1, TestContent.Md5([1]), ""))), 400, "InvalidPart");
    }

    [Fact]
    public async Task What_is_said_at_create_is_the_object_s()
    {
        var uploadId = await CreateUploadAsync(
            "key", ("Content-Type", "video/mp4"), ("Cache-Control", "no-cache"), ("x-amz-meta-a", "b"));
        var part = await PutPartAsync("key", uploadId, 1, [1], ("Content-Type", "ignored/here"));
        await CompleteAsync("key", uploadId, Document((1, part["ETag"]!, "")));
        var head = await HeadAsync("key");
        head["Content-Type"].ShouldBe("video/mp4");
        head["Cache-Control"].ShouldBe("no-cache");
        head["x-amz-meta-a"].ShouldBe("b");
    }

    [Theory]
    [InlineData("CRC32", "", "COMPOSITE")]
    [InlineData("CRC32", "FULL_OBJECT", "FULL_OBJECT")]
    [InlineData("CRC64NVME", "", "FULL_OBJECT")]
    [InlineData("SHA256", "COMPOSITE", "COMPOSITE")]
    public async Task The_kind_of_checksum_is_echoed(string algorithm, string type, string answered)
    {
        (string, string)[] headers = type.Length == 0
            ? [("x-amz-checksum-algorithm", algorithm)]
            : [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)];
        var created = await Client.SendAsync("POST", $"/{Bucket}/key", [("uploads", "")], headers);
        created["x-amz-checksum-algorithm"].ShouldBe(algorithm);
        created["x-amz-checksum-type"].ShouldBe(answered);
    }

    [Theory]
    [InlineData("SHA1", "FULL_OBJECT")]
    [InlineData("CRC64NVME", "COMPOSITE")]
    [InlineData("MD4", "")]
    public async Task An_impossible_checksum_creates_nothing(string algorithm, string type)
    {
        ShouldBeError(
            await Client.SendAsync(
                "POST",
                $"/{Bucket}/key",
                [("uploads", "")],
                [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)]),
            400,
            "InvalidRequest");
        (await Client.SendAsync("GET", $"/{Bucket}", [("uploads", "")])).Values("UploadId").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_takes_no_upload() => ShouldBeError(
        await Client.SendAsync("POST", $"/{Bucket}-absent/key", [("uploads", "")]), 404, "NoSuchBucket");
}
