using System.Text;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

/// <summary>Headers that a presigning client has moved into the query mean what they mean as headers.</summary>
public sealed class PresignedWriteTests : GatewayTest
{
    private const string CopySource = "x-amz-copy-source";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_copy_is_a_copy(bool isOld)
    {
        await World.PutAsync("/bucket/source", "hello");
        var answer = await SendAsync(isOld, "PUT", "/bucket/copy", [(CopySource, "bucket/source")]);
        answer.Status.ShouldBe(200, answer.ToString());
        answer.Xml.Name.LocalName.ShouldBe("CopyObjectResult");
        (await World.GetAsync("/bucket/copy")).Text.ShouldBe("hello");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_part_is_copied_from_its_range(bool isOld)
    {
        await World.PutAsync("/bucket/source", "0123456789");
        var id = (await World.SendAsync("POST", "/bucket/key", [("uploads", "")])).Value("UploadId")!;
        var part = await SendAsync(
            isOld,
            "PUT",
            "/bucket/key",
            [
                ("partNumber", "1"),
                ("uploadId", id),
                (CopySource, "bucket/source"),
                ("x-amz-copy-source-range", "bytes=2-5"),
            ]);
        part.Xml.Name.LocalName.ShouldBe("CopyPartResult", part.ToString());
        (await CompleteAsync(id, part.Value("ETag")!)).Status.ShouldBe(200);
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("2345");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_condition_on_the_source_holds(bool isOld)
    {
        await World.PutAsync("/bucket/source", "hello");
        var answer = await SendAsync(
            isOld, "PUT", "/bucket/copy", [(CopySource, "bucket/source"), ("x-amz-copy-source-if-match", "\"x\"")]);
        answer.Code.ShouldBe("PreconditionFailed");
        (await World.HeadAsync("/bucket/copy")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_blank_source_writes_nothing(bool isOld)
    {
        var answer = await SendAsync(isOld, "PUT", "/bucket/copy", [(CopySource, "")], body: []);
        answer.Code.ShouldBe("InvalidArgument");
        answer.Value("Message").ShouldBe(
            "Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
        (await World.HeadAsync("/bucket/copy")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("x-amz-tagging", "a=b", "NotImplemented")]
    [InlineData("x-amz-acl", "public-read", "AccessControlListNotSupported")]
    [InlineData("x-amz-expected-bucket-owner", "111122223333", "AccessDenied")]
    public async Task What_is_refused_as_a_header_is_refused_here(string name, string value, string code)
    {
        (await SendAsync(true, "PUT", "/bucket/key", [(name, value)], body: [1])).Code.ShouldBe(code);
        (await SendAsync(false, "PUT", "/bucket/key", [(name, value)], body: [1])).Code.ShouldBe(code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_header_must_not_say_otherwise(bool isOld)
    {
        (string, string)[] query = [("x-amz-meta-a", "1")];
        var same = await SendAsync(isOld, "PUT", "/bucket/key", query, [("x-amz-meta-a", "1")], [1]);
        if (!isOld)
        {
            same.Status.ShouldBe(200, same.ToString());
            (await World.HeadAsync("/bucket/key"))["x-amz-meta-a"].ShouldBe("1");
        }

        var other = await SendAsync(isOld, "PUT", "/bucket/key", query, [("x-amz-meta-a", "2")], [1]);
        other.Code.ShouldBe("InvalidArgument");
        other.Value("ArgumentName").ShouldBe("x-amz-meta-a");
    }

    [Theory]
    [InlineData("x-amz-meta-a\r\nb")]
    [InlineData("x-amz-meta-a b")]
    [InlineData("x-amz-meta-\u00fc")]
    [InlineData("x-amz-meta-")]
    public async Task A_metadata_name_is_a_token(string name)
    {
        var answer = await SendAsync(false, "PUT", "/bucket/key", [(name, "1")], body: [1]);
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("InvalidArgument");
        (await World.HeadAsync("/bucket/key")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_metadata_header_has_a_name()
    {
        var answer = await World.PutAsync("/bucket/key", "hello", ("x-amz-meta-", "1"));
        answer.Code.ShouldBe("InvalidArgument");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_put_takes_metadata_from_its_url(bool isOld)
    {
        var answer = await SendAsync(isOld, "PUT", "/bucket/key", [("x-amz-meta-a", "1 2")], body: "hello"u8.ToArray());
        answer.Status.ShouldBe(200, answer.ToString());
        (await World.HeadAsync("/bucket/key"))["x-amz-meta-a"].ShouldBe("1 2");
    }

    [Fact]
    public async Task A_url_of_version_2_carries_type_and_digest()
    {
        (string, string)[] query = [("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="), ("content-type", "text/plain")];
        var answer = await SendAsync(true, "PUT", "/bucket/key", query, body: "hello"u8.ToArray());
        answer.Status.ShouldBe(200, answer.ToString());
        (await World.HeadAsync("/bucket/key"))["Content-Type"].ShouldBe("text/plain");
        (await SendAsync(true, "PUT", "/bucket/key", query, body: "other"u8.ToArray())).Code.ShouldBe("BadDigest");
    }

    [Fact]
    public async Task A_url_of_version_2_takes_a_body_in_chunks()
    {
        var body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"u8.ToArray();
        (string, string)[] headers =
        [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-decoded-content-length", "5"),
        ];
        var answer = await SendAsync(true, "PUT", "/bucket/key", [], headers, body);
        answer.Status.ShouldBe(200, answer.ToString());
        answer["x-amz-checksum-crc32"].ShouldBe("NhCmhg==");
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("hello");
    }

    [Fact]
    public async Task A_url_of_version_2_verifies_the_hash_of_its_body()
    {
        (string, string)[] headers = [("x-amz-content-sha256", RequestSigner.EmptyHash)];
        var answer = await SendAsync(true, "PUT", "/bucket/key", [], headers, "hello"u8.ToArray());
        answer.Code.ShouldBe("XAmzContentSHA256Mismatch");
    }

    [Theory]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC32")]
    [InlineData("x-amz-checksum-algorithm", "crc32")]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==")]
    public async Task A_part_is_hashed_as_its_upload_wants(string name, string value)
    {
        var create = await World.SendAsync(
            "POST", "/bucket/key", [("uploads", "")], [("x-amz-checksum-algorithm", "CRC32")]);
        var id = create.Value("UploadId")!;
        var part = await SendAsync(
            false,
            "PUT",
            "/bucket/key",
            [("partNumber", "1"), ("uploadId", id), (name, value)],
            body: "hello"u8.ToArray());
        part.Status.ShouldBe(200, part.ToString());
        part["x-amz-checksum-crc32"].ShouldBe("NhCmhg==");
        var completed = await CompleteAsync(id, part["ETag"]!);
        completed.Status.ShouldBe(200, completed.ToString());
        completed.Value("ChecksumCRC32").ShouldNotBeNull();
    }

    [Fact]
    public async Task A_proxys_target_is_signed_without_its_authority()
    {
        await World.PutAsync("/bucket/key", "hello");
        foreach (var isOld in (bool[])[true, false])
        {
            var request = Presign(isOld, "GET", "/bucket/key", [], []);
            var head = GatewayWorld.Head(request with { Target = $"http://{World.Address}{request.Target}" }, null);
            (await RawClient.SendAsync(World.Address, head, null)).Text.ShouldBe("hello");
        }
    }

    private S3Request Presign(
        bool isOld, string method, string path, (string Name, string Value)[] query, (string, string)[] headers)
    {
        var now = World.Time.GetUtcNow();
        if (isOld)
        {
            var old = new OldUrlSigner(GatewayWorld.AccessKey, GatewayWorld.Secret, now.ToUnixTimeSeconds() + 60)
            {
                Host = World.Address.ToString(),
            };
            return old.Presign(method, path, query, headers);
        }

        var signer = new RequestSigner(GatewayWorld.AccessKey, GatewayWorld.Secret, World.Options.Region, now)
        {
            Host = World.Address.ToString(),
        };
        return signer.Presign(method, path, 60, query, headers);
    }

    private Task<Answer> SendAsync(
        bool isOld,
        string method,
        string path,
        (string Name, string Value)[] query,
        (string, string)[]? headers = null,
        byte[]? body = null) => RawClient.SendAsync(
            World.Address, GatewayWorld.Head(Presign(isOld, method, path, query, headers ?? []), body?.Length), body);

    private Task<Answer> CompleteAsync(string id, string etag) => World.SendAsync(
        "POST",
        "/bucket/key",
        [("uploadId", id)],
        body: Encoding.UTF8.GetBytes(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            + $"<ETag>{etag}</ETag></Part></CompleteMultipartUpload>"));
}
