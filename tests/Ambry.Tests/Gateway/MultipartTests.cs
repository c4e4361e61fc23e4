using System.Security.Cryptography;
using System.Text;
using Ambry.S3.Checksums;
using Ambry.Tests.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class MultipartTests : GatewayTest
{
    private const int PartSize = 5 * 1024 * 1024;

    private static readonly byte[] First = Enumerable.Repeat((byte)'a', PartSize).ToArray();
    private static readonly byte[] Last = "the end"u8.ToArray();

    [Fact]
    public async Task An_upload_becomes_an_object_with_the_etag_of_its_parts()
    {
        var id = await CreateAsync();
        var one = await PartAsync(id, 1, First);
        var two = await PartAsync(id, 2, Last);
        var answer = await CompleteAsync(id, [(1, one["ETag"]!), (2, two["ETag"]!)]);
        answer.Status.ShouldBe(200, answer.ToString());
        var etag = $"\"{Convert.ToHexStringLower(MD5.HashData([.. MD5.HashData(First), .. MD5.HashData(Last)]))}-2\"";
        answer.Value("ETag").ShouldBe(etag);
        answer.Value("Location").ShouldBe($"http://{World.Address}/bucket/key");
        answer.Value("Key").ShouldBe("key");
        var head = await World.HeadAsync("/bucket/key");
        head["ETag"].ShouldBe(etag);
        head["Content-Length"].ShouldBe((PartSize + Last.Length).ToString());
        head["x-amz-meta-a"].ShouldBe("b");
        (await World.QueryAsync("/bucket", ("uploads", ""))).Values("Upload").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeated_complete_answers_the_same()
    {
        var id = await CreateAsync();
        var etag = (await PartAsync(id, 1, Last))["ETag"]!;
        var first = await CompleteAsync(id, [(1, etag)]);
        var again = await CompleteAsync(id, [(1, etag)]);
        again.Status.ShouldBe(200, again.ToString());
        again.Value("ETag").ShouldBe(first.Value("ETag"));
        await World.PutAsync("/bucket/key", "another");
        (await CompleteAsync(id, [(1, etag)])).Code.ShouldBe("NoSuchUpload");
    }

    [Fact]
    public async Task A_repeated_complete_must_name_the_same_parts()
    {
        var id = await CreateAsync();
        var etag = (await PartAsync(id, 1, Last))["ETag"]!;
        var other = (await PartAsync(id, 2, First))["ETag"]!;
        (await CompleteAsync(id, [(1, etag)])).Status.ShouldBe(200);
        (await CompleteAsync(id, [(1, other)])).Code.ShouldBe("InvalidPart");
        (await CompleteAsync(id, [(1, "nonsense")])).Code.ShouldBe("InvalidPart");
        (await CompleteAsync(id, [(2, etag)])).Code.ShouldBe("InvalidPart");
        (await CompleteAsync(id, [(1, etag), (2, other)])).Code.ShouldBe("InvalidPart");
        (await CompleteAsync(id, [(1, etag), (1, etag)])).Code.ShouldBe("InvalidPartOrder");
        (await CompleteAsync(id, [])).Code.ShouldBe("MalformedXML");
        (await CompleteAsync(id, [(1, etag)], ("If-None-Match", "*"))).Status.ShouldBe(200);
        (await CompleteAsync(id, [(1, etag)], ("x-amz-mp-object-size", "8"))).Code.ShouldBe("InvalidRequest");
        (await CompleteAsync(id, [(1, etag)], ("x-amz-checksum-crc64nvme", Crc64(First)))).Code.ShouldBe("BadDigest");
        var head = World.Signed(
            "POST", "/bucket/key", [("uploadId", id)], body: Last, payloadHash: RequestSigner.EmptyHash);
        (await RawClient.SendAsync(World.Address, head, Last)).Code.ShouldBe("XAmzContentSHA256Mismatch");
        (await CompleteAsync(id, [(1, etag.Trim('"').ToUpperInvariant())])).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_part_is_read_by_its_number()
    {
        var id = await CreateAsync();
        var etags = new[] { (await PartAsync(id, 3, First))["ETag"]!, (await PartAsync(id, 7, Last))["ETag"]! };
        await CompleteAsync(id, [(3, etags[0]), (7, etags[1])]);
        var part = await World.QueryAsync("/bucket/key", ("partNumber", "2"));
        part.Status.ShouldBe(206);
        part.Text.ShouldBe("the end");
        part["x-amz-mp-parts-count"].ShouldBe("2");
        part["Content-Range"].ShouldBe($"bytes {PartSize}-{PartSize + 6}/{PartSize + 7}");
        var head = await World.SendAsync("HEAD", "/bucket/key", [("partNumber", "1")]);
        head.Status.ShouldBe(206);
        head["Content-Length"].ShouldBe(PartSize.ToString());
        var beyond = await World.SendAsync("HEAD", "/bucket/key", [("partNumber", "3")]);
        beyond.Status.ShouldBe(416);
    }

    [Fact]
    public async Task Parts_out_of_order_or_unknown_are_refused()
    {
        var id = await CreateAsync();
        var one = (await PartAsync(id, 1, First))["ETag"]!;
        var two = (await PartAsync(id, 2, Last))["ETag"]!;
        (await CompleteAsync(id, [(2, two), (1, one)])).Code.ShouldBe("InvalidPartOrder");
        (await CompleteAsync(id, [(1, one), (1, one)])).Code.ShouldBe("InvalidPartOrder");
        var unknown = await CompleteAsync(id, [(1, one), (3, two)]);
        unknown.Code.ShouldBe("InvalidPart");
        unknown.Value("PartNumber").ShouldBe("3");
        unknown.Value("UploadId").ShouldBe(id);
        (await CompleteAsync(id, [(1, two), (2, two)])).Code.ShouldBe("InvalidPart");
        (await CompleteAsync(id, [])).Code.ShouldBe("MalformedXML");
        (await CompleteAsync(id, [(1, one), (2, two)])).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_small_part_before_the_last_is_refused()
    {
        var id = await CreateAsync();
        var etag = (await PartAsync(id, 1, Last))["ETag"]!;
        await PartAsync(id, 2, Last);
        var answer = await CompleteAsync(id, [(1, etag), (2, etag)]);
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("EntityTooSmall");
        answer.Value("ProposedSize").ShouldBe("7");
        answer.Value("MinSizeAllowed").ShouldBe(PartSize.ToString());
        answer.Value("PartNumber").ShouldBe("1");
    }

    [Fact]
    public async Task The_announced_object_size_is_checked()
    {
        var id = await CreateAsync();
        var etag = (await PartAsync(id, 1, Last))["ETag"]!;
        (await CompleteAsync(id, [(1, etag)], ("x-amz-mp-object-size", "8"))).Code.ShouldBe("InvalidRequest");
        (await CompleteAsync(id, [(1, etag)], ("x-amz-mp-object-size", "7"))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("If-None-Match", "*", "PreconditionFailed")]
    [InlineData("If-Match", "\"x\"", "PreconditionFailed")]
    public async Task Conditions_guard_a_complete(string name, string value, string code)
    {
        var id = await CreateAsync();
        var etag = (await PartAsync(id, 1, Last))["ETag"]!;
        await World.PutAsync("/bucket/key", "there");
        (await CompleteAsync(id, [(1, etag)], (name, value))).Code.ShouldBe(code);
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("there");
    }

    [Fact]
    public async Task A_full_object_checksum_is_combined_and_compared()
    {
        var id = await CreateAsync(("x-amz-checksum-algorithm", "CRC64NVME"));
        var one = await PartAsync(id, 1, First, ("x-amz-checksum-crc64nvme", Crc64(First)));
        one["x-amz-checksum-crc64nvme"].ShouldBe(Crc64(First));
        var two = await PartAsync(id, 2, Last, ("x-amz-checksum-crc64nvme", Crc64(Last)));
        (int, string)[] parts = [(1, one["ETag"]!), (2, two["ETag"]!)];
        (await CompleteAsync(id, parts, ("x-amz-checksum-crc64nvme", Crc64(Last)))).Code.ShouldBe("BadDigest");
        var whole = Crc64([.. First, .. Last]);
        var answer = await CompleteAsync(id, parts, ("x-amz-checksum-crc64nvme", whole));
        answer.Status.ShouldBe(200, answer.ToString());
        answer.Value("ChecksumCRC64NVME").ShouldBe(whole);
        answer.Value("ChecksumType").ShouldBe("FULL_OBJECT");
    }

    [Fact]
    public async Task A_composite_checksum_counts_its_parts()
    {
        var id = await CreateAsync(("x-amz-checksum-algorithm", "SHA256"));
        var sha = Convert.ToBase64String(SHA256.HashData(Last));
        var part = await PartAsync(id, 1, Last, ("x-amz-checksum-sha256", sha));
        var answer = await CompleteAsync(id, [(1, part["ETag"]!)]);
        answer.Value("ChecksumSHA256").ShouldBe(Convert.ToBase64String(SHA256.HashData(SHA256.HashData(Last))) + "-1");
        answer.Value("ChecksumType").ShouldBe("COMPOSITE");
        var head = await World.HeadAsync("/bucket/key", ("x-amz-checksum-mode", "ENABLED"));
        head["x-amz-checksum-type"].ShouldBe("COMPOSITE");
        head["x-amz-checksum-sha256"]!.ShouldEndWith("-1");
    }

    [Fact]
    public async Task An_algorithm_named_at_create_binds_every_part()
    {
        var id = await CreateAsync(("x-amz-checksum-algorithm", "CRC32"));
        (await PartAsync(id, 1, Last)).Code.ShouldBe("InvalidRequest");
        var other = await PartAsync(id, 1, Last, ("x-amz-checksum-sha256", Sha256(Last)));
        other.Code.ShouldBe("InvalidRequest");
    }

    [Fact]
    public async Task A_part_may_bring_a_checksum_that_create_did_not_name()
    {
        var id = await CreateAsync();
        var part = await PartAsync(id, 1, Last, ("x-amz-checksum-sha256", Sha256(Last)));
        part.Status.ShouldBe(200);
        (await CompleteAsync(id, [(1, part["ETag"]!)])).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("CRC64NVME", "COMPOSITE")]
    [InlineData("SHA1", "FULL_OBJECT")]
    [InlineData("MD4", "COMPOSITE")]
    [InlineData("CRC32", "HALF")]
    public async Task An_impossible_checksum_is_refused_at_create(string algorithm, string type)
    {
        var answer = await World.SendAsync(
            "POST",
            "/bucket/key",
            [("uploads", "")],
            [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", type)]);
        answer.Code.ShouldBe("InvalidRequest");
    }

    [Fact]
    public async Task Parts_are_listed_page_by_page()
    {
        var id = await CreateAsync();
        foreach (var number in new[] { 1, 2, 5 })
        {
            await PartAsync(id, number, Last);
        }

        var first = await World.QueryAsync("/bucket/key", ("uploadId", id), ("max-parts", "2"));
        first.Values("PartNumber").ShouldBe(["1", "2"]);
        first.Value("IsTruncated").ShouldBe("true");
        first.Value("NextPartNumberMarker").ShouldBe("2");
        first.Values("Size").ShouldBe(["7", "7"]);
        var rest = await World.QueryAsync("/bucket/key", ("uploadId", id), ("part-number-marker", "2"));
        rest.Values("PartNumber").ShouldBe(["5"]);
        rest.Value("IsTruncated").ShouldBe("false");
        rest.Value("UploadId").ShouldBe(id);
    }

    [Fact]
    public async Task Uploads_are_listed_and_aborted()
    {
        var id = await CreateAsync();
        var other = (await World.SendAsync("POST", "/bucket/dir/other", [("uploads", "")])).Value("UploadId")!;
        var all = await World.QueryAsync("/bucket", ("uploads", ""));
        all.Values("UploadId").ShouldBe([other, id]);
        all.Value("NextKeyMarker").ShouldBeNull();
        all.Values("Initiated")[0].ShouldBe("2026-11-23T12:00:00.250Z");
        var grouped = await World.QueryAsync("/bucket", ("uploads", ""), ("delimiter", "/"));
        grouped.Values("Prefix").ShouldBe(["", "dir/"]);
        var page = await World.QueryAsync("/bucket", ("uploads", ""), ("max-uploads", "1"));
        page.Value("NextKeyMarker").ShouldBe("dir/other");
        page.Value("NextUploadIdMarker").ShouldBe(other);
        (await World.SendAsync("DELETE", "/bucket/key", [("uploadId", id)])).Status.ShouldBe(204);
        (await World.SendAsync("DELETE", "/bucket/key", [("uploadId", id)])).Code.ShouldBe("NoSuchUpload");
        (await PartAsync(id, 1, Last)).Code.ShouldBe("NoSuchUpload");
        (await World.QueryAsync("/bucket/key", ("uploadId", id))).Code.ShouldBe("NoSuchUpload");
    }

    [Fact]
    public async Task A_part_is_copied_from_a_range_of_another_object()
    {
        await World.PutAsync("/bucket/source", "0123456789");
        var id = await CreateAsync();
        var part = await CopyPartAsync(
            id, ("x-amz-copy-source", "bucket/source"), ("x-amz-copy-source-range", "bytes=2-5"));
        part.Status.ShouldBe(200, part.ToString());
        part.Xml.Name.LocalName.ShouldBe("CopyPartResult");
        part.Value("ETag").ShouldBe($"\"{Convert.ToHexStringLower(MD5.HashData("2345"u8))}\"");
        (await CompleteAsync(id, [(1, part.Value("ETag")!)])).Status.ShouldBe(200);
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("2345");
        World.Store.OpenReaders.ShouldBe(0);
    }

    [Theory]
    [InlineData("bytes=5-20", "InvalidArgument")]
    [InlineData("bytes=-3", "InvalidArgument")]
    [InlineData("5-6", "InvalidArgument")]
    public async Task A_copied_range_must_be_there(string range, string code)
    {
        await World.PutAsync("/bucket/source", "0123456789");
        var id = await CreateAsync();
        var part = await CopyPartAsync(id, ("x-amz-copy-source", "bucket/source"), ("x-amz-copy-source-range", range));
        part.Code.ShouldBe(code);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("one")]
    public async Task A_part_number_is_1_to_10000(string number)
    {
        var id = await CreateAsync();
        var answer = await World.SendAsync(
            "PUT", "/bucket/key", [("partNumber", number), ("uploadId", id)], body: Last);
        answer.Code.ShouldBe("InvalidArgument");
    }

    private static string Sha256(byte[] bytes) => Convert.ToBase64String(SHA256.HashData(bytes));

    private static string Crc64(byte[] bytes)
    {
        using var hasher = new ChecksumHasher(ChecksumAlgorithm.Crc64Nvme);
        hasher.Append(bytes);
        return hasher.GetCurrentValue().Base64;
    }

    private async Task<string> CreateAsync(params (string Name, string Value)[] headers)
    {
        var answer = await World.SendAsync(
            "POST", "/bucket/key", [("uploads", "")], [("x-amz-meta-a", "b"), .. headers]);
        answer.Status.ShouldBe(200, answer.ToString());
        answer.Value("Bucket").ShouldBe("bucket");
        answer.Value("Key").ShouldBe("key");
        return answer.Value("UploadId")!;
    }

    private Task<Answer> PartAsync(string id, int number, byte[] body, params (string Name, string Value)[] headers) =>
        World.SendAsync("PUT", "/bucket/key", [("partNumber", number.ToString()), ("uploadId", id)], headers, body);

    private Task<Answer> CopyPartAsync(string id, params (string Name, string Value)[] headers) =>
        World.SendAsync("PUT", "/bucket/key", [("partNumber", "1"), ("uploadId", id)], headers);

    private Task<Answer> CompleteAsync(
        string id, IReadOnlyList<(int Number, string ETag)> parts, params (string Name, string Value)[] headers)
    {
        var items = parts.Select(
            part => $"<Part><PartNumber>{part.Number}</PartNumber><ETag>{part.ETag}</ETag></Part>");
        var body = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload>{string.Concat(items)}</CompleteMultipartUpload>");
        return World.SendAsync("POST", "/bucket/key", [("uploadId", id)], headers, body);
    }
}
