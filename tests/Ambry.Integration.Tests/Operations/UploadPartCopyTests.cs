using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class UploadPartCopyTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private const int Size = (2 * TestContent.Chunk) + 100;

    private static readonly byte[] Source = TestContent.Bytes(21, Size);

    [Fact]
    public async Task Ranges_become_parts_and_outlive_their_source()
    {
        await PutAsync("source", Source);
        var uploadId = await CreateUploadAsync("copy");
        var first = await CopyPartAsync(uploadId, 1, $"bytes=0-{TestContent.SmallestPart - 1}");
        first.Status.ShouldBe(200, first.Text);
        first.Xml.Name.LocalName.ShouldBe("CopyPartResult");
        first.ChildNames.ShouldBe("LastModified ETag");
        first.Values("ETag").ShouldBe([$"\"{TestContent.Md5(Source[..TestContent.SmallestPart])}\""]);
        var second = await CopyPartAsync(uploadId, 2, $"bytes={TestContent.SmallestPart}-{Size - 1}");
        await DeleteAsync("source");
        var document = Document((1, first.Values("ETag")[0], ""), (2, second.Values("ETag")[0], ""));
        var completed = await CompleteAsync("copy", uploadId, document);
        completed.Status.ShouldBe(200, completed.Text);
        var got = await GetAsync("copy");
        got.Body.AsSpan().SequenceEqual(Source).ShouldBeTrue();
        got["ETag"].ShouldBe($"\"{TestContent.MultipartTag(
            Source[..TestContent.SmallestPart], Source[TestContent.SmallestPart..])}\"");
    }

    [Fact]
    public async Task Without_a_range_the_whole_is_the_part()
    {
        await PutAsync("source", Source);
        var uploadId = await CreateUploadAsync("copy", ("x-amz-checksum-algorithm", "CRC32"));
        var part = await CopyPartAsync(uploadId, 7, null);
        part.Values("ETag").ShouldBe([$"\"{TestContent.Md5(Source)}\""]);
        part.Values("ChecksumCRC32").ShouldBe([TestContent.Crc32(Source)]);
    }

    [Theory]
    [InlineData("bytes=0-8388708")]
    [InlineData("bytes=5-4")]
    [InlineData("bytes=-5")]
    [InlineData("bytes=0-")]
    [InlineData("0-5")]
    [InlineData("bytes=0-1,3-4")]
    public async Task A_range_that_is_not_there_copies_nothing(string range)
    {
        await PutAsync("source", Source);
        var uploadId = await CreateUploadAsync("copy");
        ShouldBeError(await CopyPartAsync(uploadId, 1, range), 400, "InvalidArgument");
        (await Client.SendAsync("GET", $"/{Bucket}/copy", [("uploadId", uploadId)]))
            .Values("PartNumber").ShouldBeEmpty();
    }

    [Fact]
    public async Task Source_and_conditions_are_checked()
    {
        var tag = (await PutAsync("source", [1]))["ETag"]!;
        var uploadId = await CreateUploadAsync("copy");
        ShouldBeError(
            await CopyPartAsync(uploadId, 1, null, ("x-amz-copy-source-if-none-match", tag)),
            412,
            "PreconditionFailed");
        ShouldBeError(
            await CopyPartAsync(uploadId, 1, null, ("x-amz-copy-source-if-match", "\"x\"")),
            412,
            "PreconditionFailed");
        ShouldBeError(await CopyPartAsync("made-up", 1, null), 404, "NoSuchUpload");
        await DeleteAsync("source");
        ShouldBeError(await CopyPartAsync(uploadId, 1, null), 404, "NoSuchKey");
    }

    private Task<RawResponse> CopyPartAsync(
        string uploadId, int number, string? range, params (string Name, string Value)[] headers)
    {
        List<(string, string)> all = [("x-amz-copy-source", $"/{Bucket}/source"), .. headers];
        if (range is not null)
        {
            all.Add(("x-amz-copy-source-range", range));
        }

        return Client.SendAsync("PUT", $"/{Bucket}/copy", Part(uploadId, number), all);
    }
}
