using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class ListPartsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task Parts_are_listed_by_number_page_by_page()
    {
        var uploadId = await CreateUploadAsync("key");
        foreach (var number in (int[])[10_000, 3, 1, 20, 2])
        {
            await PutPartAsync("key", uploadId, number, TestContent.Bytes(number, number));
        }

        var first = await PageAsync(uploadId, ("max-parts", "3"));
        first.Status.ShouldBe(200);
        first.Xml.Name.LocalName.ShouldBe("ListPartsResult");
        first.ChildNames.ShouldBe(
            "Bucket Key UploadId Initiator Owner StorageClass PartNumberMarker NextPartNumberMarker MaxParts "
            + "IsTruncated Part");
        first.Values("PartNumber").ShouldBe(["1", "2", "3"]);
        first.Values("Size").ShouldBe(["1", "2", "3"]);
        first.Values("ETag").ShouldBe(
            new[] { 1, 2, 3 }.Select(number => $"\"{TestContent.Md5(TestContent.Bytes(number, number))}\""));
        first.Element("IsTruncated").ShouldBe("true");
        first.Element("NextPartNumberMarker").ShouldBe("3");
        var second = await PageAsync(uploadId, ("max-parts", "3"), ("part-number-marker", "3"));
        second.Values("PartNumber").ShouldBe(["20", "10000"]);
        second.Element("IsTruncated").ShouldBe("false");
    }

    [Fact]
    public async Task Checksums_of_parts_are_shown()
    {
        var uploadId = await CreateUploadAsync("key", ("x-amz-checksum-algorithm", "CRC32"));
        var body = TestContent.Bytes(1, 1000);
        await PutPartAsync("key", uploadId, 1, body, ("x-amz-checksum-crc32", TestContent.Crc32(body)));
        var listed = await PageAsync(uploadId);
        listed.Values("ChecksumCRC32").ShouldBe([TestContent.Crc32(body)]);
        listed.Element("ChecksumAlgorithm").ShouldBe("CRC32");
        listed.Element("ChecksumType").ShouldBe("COMPOSITE");
    }

    [Fact]
    public async Task An_upload_that_is_over_has_no_parts_to_list()
    {
        ShouldBeError(await PageAsync("made-up"), 404, "NoSuchUpload");
        var uploadId = await CreateUploadAsync("key");
        (await PageAsync(uploadId)).Values("PartNumber").ShouldBeEmpty();
        await AbortAsync("key", uploadId);
        ShouldBeError(await PageAsync(uploadId), 404, "NoSuchUpload");
        ShouldBeError(await PageAsync(uploadId, ("max-parts", "x")), 400, "InvalidArgument");
    }

    private Task<RawResponse> PageAsync(string uploadId, params (string, string)[] query) =>
        Client.SendAsync("GET", $"/{Bucket}/key", [("uploadId", uploadId), .. query]);
}
