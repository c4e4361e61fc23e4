using System.Security.Cryptography;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;
using Ambry.S3.Payload;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Payload;

public class PlainBodyTests
{
    private static readonly byte[] Hello = "hello"u8.ToArray();

    private readonly BodyWorld _world = new();

    [Fact]
    public async Task A_right_body_ends_with_its_digest()
    {
        var request = _world.Plain(
            Hello, ("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg=="), ("x-amz-checksum-crc32", "NhCmhg=="));
        var rules = BodyRules.Object with { ExtraAlgorithms = [ChecksumAlgorithm.Crc64Nvme, ChecksumAlgorithm.Crc32] };
        var body = _world.Open(request, new SplitStream(Hello, 2, isAsynchronous: true), rules);
        var (bytes, digest) = await BodyWorld.ReadAsync(body, 3);
        bytes.ShouldBe(Hello);
        digest.LengthBytes.ShouldBe(5);
        digest.Md5Hex.ShouldBe("5d41402abc4b2a76b9719d911017c592");
        digest.ClientAlgorithm.ShouldBe(ChecksumAlgorithm.Crc32);
        digest.Checksums.ShouldBe(
        [
            new ChecksumValue(ChecksumAlgorithm.Crc32, "NhCmhg=="),
            new ChecksumValue(
                ChecksumAlgorithm.Crc64Nvme, BodyWorld.Checksum(ChecksumAlgorithm.Crc64Nvme, Hello)),
        ]);
        digest.Find(ChecksumAlgorithm.Sha1).ShouldBeNull();
    }

    [Fact]
    public async Task A_length_is_neither_missed_nor_exceeded()
    {
        foreach (var size in (int[])[0, 1, 4, 6, 100])
        {
            var wire = new byte[size];
            Hello.AsSpan(0, Math.Min(5, size)).CopyTo(wire);
            (await BodyWorld.RefuseAsync(_world.Open(_world.Plain(Hello), wire))).Error.Code.ShouldBe("IncompleteBody");
        }
    }

    [Fact]
    public async Task Every_changed_bit_is_another_hash()
    {
        for (var bit = 0; bit < 40; bit++)
        {
            var wire = Hello.ToArray();
            wire[bit / 8] ^= (byte)(1 << (bit % 8));
            var refusal = await BodyWorld.RefuseAsync(_world.Open(_world.Plain(Hello), wire));
            refusal.Error.Code.ShouldBe("XAmzContentSHA256Mismatch");
            refusal.Extras.Select(extra => extra.Key)
                .ShouldBe(["ClientComputedContentSHA256", "S3ComputedContentSHA256"]);
        }
    }

    [Fact]
    public async Task A_wrong_digest_is_bad()
    {
        (string, string)[] wrong = [("Content-MD5", Convert.ToBase64String(new byte[16]))];
        (await BodyWorld.RefuseAsync(_world.Open(_world.Plain(Hello, wrong), Hello))).Error.Code.ShouldBe("BadDigest");
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            var zero = Convert.ToBase64String(new byte[ChecksumAlgorithms.DigestSizeBytes(algorithm)]);
            var request = _world.Plain(Hello, (ChecksumAlgorithms.HeaderName(algorithm), zero));
            var refusal = await BodyWorld.RefuseAsync(_world.Open(request, Hello));
            refusal.Error.Code.ShouldBe("BadDigest");
            refusal.Message.ShouldBe(
                $"The {ChecksumAlgorithms.Name(algorithm)} you specified did not match the calculated checksum.");
        }
    }

    [Fact]
    public async Task Every_algorithm_is_verified()
    {
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            var value = BodyWorld.Checksum(algorithm, Hello);
            var request = _world.Plain(Hello, (ChecksumAlgorithms.HeaderName(algorithm), value));
            var (_, digest) = await BodyWorld.ReadAsync(_world.Open(request, Hello));
            digest.Checksums.ShouldBe([new ChecksumValue(algorithm, value)]);
        }
    }

    [Theory]
    [InlineData("Content-MD5", "nonsense", "InvalidDigest", 400)]
    [InlineData("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAAA=", "InvalidDigest", 400)]
    [InlineData("x-amz-checksum-crc32", "AAAA", "InvalidRequest", 400)]
    [InlineData("x-amz-checksum-sha512", "AAAA", "NotImplemented", 501)]
    [InlineData("x-amz-sdk-checksum-algorithm", "CRC16", "InvalidRequest", 400)]
    [InlineData("x-amz-trailer", "x-amz-checksum-crc32", "InvalidRequest", 400)]
    public void A_malformed_promise_is_refused_before_the_body(string name, string value, string code, int status) =>
        _world.RefuseHead(_world.Plain(Hello, (name, value)), code, status);

    [Fact]
    public void A_malformed_checksum_is_named() => _world.RefuseHead(
        _world.Plain(Hello, ("x-amz-checksum-crc32c", "AAAA")), "InvalidRequest", 400)
        .Message.ShouldBe("Value for x-amz-checksum-crc32c header is invalid.");

    [Fact]
    public void Two_checksums_are_one_too_many() => _world.RefuseHead(
        _world.Plain(Hello, ("x-amz-checksum-crc32", "NhCmhg=="), ("x-amz-checksum-crc32c", "NhCmhg==")),
        "InvalidRequest",
        400);

    [Fact]
    public async Task Headers_that_only_look_like_checksums_are_none()
    {
        var request = _world.Plain(
            Hello, ("x-amz-checksum-algorithm", "SHA1"), ("x-amz-checksum-type", "FULL_OBJECT"));
        var (_, digest) = await BodyWorld.ReadAsync(_world.Open(request, Hello));
        digest.Checksums.ShouldBe([new ChecksumValue(ChecksumAlgorithm.Sha1, "qvTGHdzF6KLavt4PO0gs2a6pQ00=")]);
    }

    [Fact]
    public async Task A_checksum_of_the_object_is_not_held_against_the_document()
    {
        var request = _world.Plain(Hello, ("x-amz-checksum-crc32", "AAAAAA=="));
        var rules = BodyRules.Document with { ReadsChecksumHeaders = false };
        (await BodyWorld.ReadAsync(_world.Open(request, Hello, rules))).Digest.ClientAlgorithm.ShouldBeNull();
    }

    [Theory]
    [InlineData(null, "MissingContentLength", 411)]
    [InlineData("-1", "InvalidArgument", 400)]
    [InlineData("5,5", "InvalidArgument", 400)]
    [InlineData("5368709121", "EntityTooLarge", 400)]
    public void A_length_is_announced_and_within_limits(string? length, string code, int status)
    {
        (string, string)[] headers = length is null ? [] : [("Content-Length", length)];
        _world.RefuseHead(_world.Request("UNSIGNED-PAYLOAD", headers), code, status);
    }

    [Fact]
    public async Task The_largest_object_is_five_gibibytes()
    {
        var request = _world.Request("UNSIGNED-PAYLOAD", ("Content-Length", "5368709120"));
        await using var body = _world.Open(request, Hello);
        body.AnnouncedLengthBytes.ShouldBe(5_368_709_120);
    }

    [Fact]
    public async Task A_document_is_bounded_with_and_without_a_length()
    {
        var announced = _world.Request("UNSIGNED-PAYLOAD", ("Content-Length", "5"));
        var unannounced = _world.Request("UNSIGNED-PAYLOAD");
        (await S3SmallBody.ReadAsync(_world.Open(announced, Hello, BodyRules.Document), 5, default)).ShouldBe(Hello);
        (await S3SmallBody.ReadAsync(_world.Open(unannounced, Hello, BodyRules.Document), 5, default)).ShouldBe(Hello);
        foreach (var request in (S3Request[])[announced, unannounced])
        {
            var refusal = await Should.ThrowAsync<S3Exception>(
                () => S3SmallBody.ReadAsync(_world.Open(request, Hello, BodyRules.Document), 4, default));
            refusal.Error.Code.ShouldBe("MaxMessageLengthExceeded");
        }

        var rules = BodyRules.Document with { LengthMaxBytes = 4 };
        _world.RefuseHead(announced, "MaxMessageLengthExceeded", 400, rules);
        (await BodyWorld.RefuseAsync(_world.Open(unannounced, Hello, rules))).Error.Code
            .ShouldBe("MaxMessageLengthExceeded");
    }

    [Fact]
    public async Task A_document_is_checked_before_it_is_used()
    {
        var request = _world.Plain(Hello, ("x-amz-checksum-crc32", "AAAAAA=="));
        var refusal = await Should.ThrowAsync<S3Exception>(
            () => S3SmallBody.ReadAsync(_world.Open(request, Hello, BodyRules.Document), 100, default));
        refusal.Error.Code.ShouldBe("BadDigest");
    }

    [Fact]
    public async Task Deleting_many_needs_a_digest_of_either_kind()
    {
        var rules = BodyRules.Document with { RequiresIntegrityHeader = true };
        _world.RefuseHead(_world.Plain(Hello), "InvalidRequest", 400, rules);
        var md5 = Convert.ToBase64String(MD5.HashData(Hello));
        foreach (var (name, value) in ((string, string)[])[("Content-MD5", md5), ("x-amz-checksum-crc32", "NhCmhg==")])
        {
            var body = _world.Open(_world.Plain(Hello, (name, value)), Hello, rules);
            (await BodyWorld.ReadAsync(body)).Bytes.ShouldBe(Hello);
        }
    }

    [Fact]
    public async Task A_checksum_baked_into_a_url_is_ignored()
    {
        var auth = new AuthWorld();
        var request = auth.Signer.Presign(
            "PUT",
            "/key",
            60,
            [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-sdk-checksum-algorithm", "CRC32")],
            [("Content-Length", "5")]);
        var body = S3BodyStream.Create(
            request, auth.Verifier.Authenticate(request), new SplitStream(Hello, 9), BodyRules.Object);
        (await BodyWorld.ReadAsync(body)).Bytes.ShouldBe(Hello);
    }

    [Fact]
    public async Task An_empty_body_is_a_body()
    {
        var (bytes, digest) = await BodyWorld.ReadAsync(_world.Open(_world.Plain([]), []));
        bytes.ShouldBeEmpty();
        digest.Md5Hex.ShouldBe("d41d8cd98f00b204e9800998ecf8427e");
    }

    [Fact]
    public async Task A_read_of_no_bytes_ends_nothing()
    {
        await using var body = _world.Open(_world.Plain(Hello), Hello);
        (await body.ReadAsync(Memory<byte>.Empty)).ShouldBe(0);
        Should.Throw<InvalidOperationException>(() => body.Digest);
        (await BodyWorld.ReadAsync(body)).Bytes.ShouldBe(Hello);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("gzip", "gzip")]
    [InlineData("aws-chunked", null)]
    [InlineData("gzip,aws-chunked", "gzip")]
    [InlineData("AWS-Chunked, gzip, br", "gzip,br")]
    [InlineData("gzip, br", "gzip, br")]
    [InlineData("x-aws-chunked", "x-aws-chunked")]
    public void Framing_is_not_stored_as_an_encoding(string? sent, string? stored) =>
        ContentEncodings.StripAwsChunked(sent).ShouldBe(stored);
}
