using System.Text;
using Ambry.Objects;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class PutObjectTests : GatewayTest
{
    private const string HelloMd5 = "\"5d41402abc4b2a76b9719d911017c592\"";

    [Fact]
    public async Task A_put_answers_the_quoted_md5_and_nothing_else()
    {
        var answer = await World.PutAsync("/bucket/key", "hello");
        answer.Status.ShouldBe(200, answer.ToString());
        answer["ETag"].ShouldBe(HelloMd5);
        answer["Content-Length"].ShouldBe("0");
        answer["x-amz-request-id"]!.Length.ShouldBe(16);
        answer["x-amz-id-2"].ShouldNotBeNullOrEmpty();
        answer["Server"].ShouldBeNull();
    }

    [Theory]
    [InlineData("/bucket/a//b/../c/./d")]
    [InlineData("/bucket//leading")]
    [InlineData("/bucket/dir/")]
    [InlineData("/bucket/plus+and space %2F é \u0001")]
    public async Task A_key_is_never_normalised(string path)
    {
        (await World.PutAsync(path, "hello")).Status.ShouldBe(200);
        var answer = await World.GetAsync(path);
        answer.Text.ShouldBe("hello");
        var listed = await World.QueryAsync("/bucket", ("list-type", "2"), ("encoding-type", "url"));
        Uri.UnescapeDataString(listed.Value("Key")!).ShouldBe(path["/bucket/".Length..]);
    }

    [Theory]
    [InlineData("Content-MD5")]
    [InlineData("x-amz-checksum-sha256")]
    [InlineData("x-amz-checksum-unheard-of")]
    public async Task A_blank_digest_is_none(string name)
    {
        var answer = await World.PutAsync("/bucket/key", "hello", (name, ""));
        answer.Status.ShouldBe(200, answer.ToString());
        var both = await World.PutAsync("/bucket/key", "hello", (name, ""), ("x-amz-checksum-crc32", "NhCmhg=="));
        both["x-amz-checksum-crc32"].ShouldBe("NhCmhg==");
    }

    [Fact]
    public async Task System_headers_and_metadata_come_back_as_they_were_sent()
    {
        await World.PutAsync(
            "/bucket/key",
            "hello",
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "max-age=60"),
            ("Content-Disposition", "attachment; filename=\"ü.txt\""),
            ("Content-Encoding", "gzip"),
            ("Content-Language", "de"),
            ("Expires", "Thu, 01 Dec 1994 16:00:00 GMT"),
            ("x-amz-meta-Colour", "grün"),
            ("x-amz-meta-empty", ""));
        var answer = await World.HeadAsync("/bucket/key");
        answer["Content-Type"].ShouldBe("text/plain; charset=utf-8");
        answer["Cache-Control"].ShouldBe("max-age=60");
        answer["Content-Disposition"].ShouldBe("attachment; filename=\"ü.txt\"");
        answer["Content-Encoding"].ShouldBe("gzip");
        answer["Content-Language"].ShouldBe("de");
        answer["Expires"].ShouldBe("Thu, 01 Dec 1994 16:00:00 GMT");
        answer["x-amz-meta-colour"].ShouldBe("grün");
    }

    [Fact]
    public async Task The_default_type_is_binary_octet_stream()
    {
        await World.PutAsync("/bucket/key", "hello");
        (await World.HeadAsync("/bucket/key"))["Content-Type"].ShouldBe("binary/octet-stream");
    }

    [Fact]
    public async Task Metadata_above_two_kibibytes_is_refused()
    {
        var limit = new string('v', 2048 - 1);
        (await World.PutAsync("/bucket/key", "x", ("x-amz-meta-a", limit))).Status.ShouldBe(200);
        var answer = await World.PutAsync("/bucket/key", "x", ("x-amz-meta-a", limit + "v"));
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("MetadataTooLarge");
        answer.Value("Size").ShouldBe("2049");
    }

    [Fact]
    public async Task If_none_match_star_creates_once()
    {
        (await World.PutAsync("/bucket/lock", "one", ("If-None-Match", "*"))).Status.ShouldBe(200);
        var answer = await World.PutAsync("/bucket/lock", "two", ("If-None-Match", "*"));
        answer.Status.ShouldBe(412);
        answer.Code.ShouldBe("PreconditionFailed");
        answer.Value("Condition").ShouldBe("If-None-Match");
        (await World.GetAsync("/bucket/lock")).Text.ShouldBe("one");
    }

    [Fact]
    public async Task If_match_replaces_only_the_version_it_names()
    {
        (await World.PutAsync("/bucket/key", "x", ("If-Match", HelloMd5))).Code.ShouldBe("NoSuchKey");
        await World.PutAsync("/bucket/key", "hello");
        (await World.PutAsync("/bucket/key", "x", ("If-Match", "\"00\""))).Code.ShouldBe("PreconditionFailed");
        (await World.PutAsync("/bucket/key", "next", ("If-Match", HelloMd5))).Status.ShouldBe(200);
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("next");
    }

    [Fact]
    public async Task A_condition_that_comes_true_meanwhile_is_still_checked_by_the_store()
    {
        World.Store.BeforeInstall = () => World.Store.Replace(new ObjectPath("bucket", "key"u8.ToArray()), "other");
        var answer = await World.PutAsync("/bucket/key", "mine", ("If-None-Match", "*"));
        answer.Status.ShouldBe(412);
        World.Store.BeforeInstall = null;
        (await World.GetAsync("/bucket/key")).Text.ShouldBe("other");
    }

    [Fact]
    public async Task If_none_match_with_a_tag_is_not_implemented() =>
        (await World.PutAsync("/bucket/key", "x", ("If-None-Match", HelloMd5))).Status.ShouldBe(501);

    [Fact]
    public async Task A_body_without_a_length_is_refused()
    {
        var head = World.Signed(
            "PUT", "/bucket/key", headers: [("Transfer-Encoding", "chunked")], body: "hello"u8.ToArray());
        var text = Encoding.ASCII.GetString(head).Replace("Content-Length: 5\r\n", "", StringComparison.Ordinal);
        var answer = await RawClient.SendAsync(
            World.Address, Encoding.ASCII.GetBytes(text), "5\r\nhello\r\n0\r\n\r\n"u8.ToArray());
        answer.Status.ShouldBe(411);
        answer.Code.ShouldBe("MissingContentLength");
    }

    [Fact]
    public async Task A_body_that_is_not_the_signed_one_stores_nothing()
    {
        var head = World.Signed("PUT", "/bucket/key", body: "hello"u8.ToArray());
        var answer = await RawClient.SendAsync(World.Address, head, "jello"u8.ToArray());
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("XAmzContentSHA256Mismatch");
        (await World.HeadAsync("/bucket/key")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_checksum_is_verified_stored_and_shown()
    {
        var wrong = await World.PutAsync("/bucket/key", "hello", ("x-amz-checksum-crc32", "AAAAAA=="));
        wrong.Code.ShouldBe("BadDigest");
        (await World.HeadAsync("/bucket/key")).Status.ShouldBe(404);
        var right = await World.PutAsync("/bucket/key", "hello", ("x-amz-checksum-crc32", "NhCmhg=="));
        right.Status.ShouldBe(200, right.ToString());
        right["x-amz-checksum-crc32"].ShouldBe("NhCmhg==");
        right["x-amz-checksum-type"].ShouldBe("FULL_OBJECT");
        var plain = await World.GetAsync("/bucket/key");
        plain["x-amz-checksum-crc32"].ShouldBeNull();
        var shown = await World.GetAsync("/bucket/key", ("x-amz-checksum-mode", "ENABLED"));
        shown["x-amz-checksum-crc32"].ShouldBe("NhCmhg==");
        shown["x-amz-checksum-type"].ShouldBe("FULL_OBJECT");
        var part = await World.GetAsync("/bucket/key", ("x-amz-checksum-mode", "ENABLED"), ("Range", "bytes=0-1"));
        part["x-amz-checksum-crc32"].ShouldBeNull();
    }

    [Fact]
    public async Task Content_md5_is_verified()
    {
        var answer = await World.PutAsync("/bucket/key", "hello", ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="));
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("BadDigest");
    }

    [Fact]
    public async Task An_unsigned_trailer_body_is_stored_without_its_framing()
    {
        var head = World.Signed(
            "PUT",
            "/bucket/key",
            headers:
            [
                ("Content-Encoding", "gzip,aws-chunked"),
                ("x-amz-decoded-content-length", "5"),
                ("x-amz-trailer", "x-amz-checksum-crc32"),
                ("Transfer-Encoding", "chunked"),
            ],
            payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        const string Framed = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
        var body = Encoding.ASCII.GetBytes($"{Framed.Length:x}\r\n{Framed}\r\n0\r\n\r\n");
        var answer = await RawClient.SendAsync(World.Address, head, body);
        answer.Status.ShouldBe(200, answer.ToString());
        answer["ETag"].ShouldBe(HelloMd5);
        var read = await World.GetAsync("/bucket/key");
        read.Text.ShouldBe("hello");
        read["Content-Encoding"].ShouldBe("gzip");
    }

    [Fact]
    public async Task A_missing_bucket_is_told_before_the_body_is_asked_for()
    {
        var head = World.Signed(
            "PUT", "/nowhere/key", headers: [("Expect", "100-continue")], body: "hello"u8.ToArray());
        var answer = await RawClient.SendAsync(World.Address, head, null);
        answer.Status.ShouldBe(404);
        answer.WasContinued.ShouldBeFalse();
        answer.Code.ShouldBe("NoSuchBucket");
        answer.Value("BucketName").ShouldBe("nowhere");
        answer["Connection"].ShouldBe("close");
        World.Store.ContentBytesRead.ShouldBe(0);
    }

    [Fact]
    public async Task A_failed_condition_is_told_before_the_body_is_asked_for()
    {
        await World.PutAsync("/bucket/key", "hello");
        var head = World.Signed(
            "PUT",
            "/bucket/key",
            headers: [("Expect", "100-continue"), ("If-None-Match", "*")],
            body: new byte[1 << 20]);
        var answer = await RawClient.SendAsync(World.Address, head, null);
        answer.Status.ShouldBe(412);
        answer.WasContinued.ShouldBeFalse();
    }

    [Fact]
    public async Task A_good_request_is_asked_to_continue()
    {
        var body = "hello"u8.ToArray();
        var head = World.Signed("PUT", "/bucket/key", headers: [("Expect", "100-continue")], body: body);
        var answer = await RawClient.SendExpectingAsync(World.Address, head, body);
        answer.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(ObjectError.Busy, 503, "SlowDown")]
    [InlineData(ObjectError.Unavailable, 503, "ServiceUnavailable")]
    [InlineData(ObjectError.Conflict, 409, "ConditionalRequestConflict")]
    [InlineData(ObjectError.Corrupt, 500, "InternalError")]
    public async Task Trouble_below_has_its_code(ObjectError error, int status, string code)
    {
        World.Store.Fault = error;
        var answer = await World.PutAsync("/bucket/key", "hello");
        answer.Status.ShouldBe(status);
        answer.Code.ShouldBe(code);
    }

    [Fact]
    public async Task More_than_five_gibibytes_are_refused_from_the_head()
    {
        var head = World.Signed("PUT", "/bucket/key", payloadHash: "UNSIGNED-PAYLOAD");
        var text = Encoding.ASCII.GetString(head).TrimEnd() + $"\r\nContent-Length: {(5L << 30) + 1}\r\n\r\n";
        var answer = await RawClient.SendAsync(World.Address, Encoding.ASCII.GetBytes(text), null);
        answer.Status.ShouldBe(400);
        answer.Code.ShouldBe("EntityTooLarge");
        answer["Connection"].ShouldBe("close");
    }

    [Fact]
    public async Task Unbuilt_promises_are_refused()
    {
        var answer = await World.PutAsync("/bucket/key", "x", ("x-amz-server-side-encryption", "aws:kms"));
        answer.Status.ShouldBe(501);
        (await World.PutAsync("/bucket/key", "x", ("x-amz-tagging", ""))).Status.ShouldBe(200);
    }
}
