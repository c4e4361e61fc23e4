using System.Text;
using Ambry.S3.Checksums;
using Ambry.S3.Payload;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Payload;

public class ChunkedBodyTests
{
    private const string Crc32 = "x-amz-checksum-crc32";

    private static readonly byte[] Content = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7))];
    private static readonly string Trailer = $"{Crc32}:{BodyWorld.Checksum(ChecksumAlgorithm.Crc32, Content)}";

    private readonly BodyWorld _world = new();

    public static TheoryData<string> Kinds { get; } = new(AllKinds);

    private static readonly string[] AllKinds =
        [BodyWorld.Signed, BodyWorld.SignedTrailer, BodyWorld.UnsignedTrailer];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_examples_of_the_guide_are_accepted(bool hasTrailer)
    {
        var (request, wire) = GuideExample(hasTrailer);
        var auth = new AuthWorld();
        var body = S3BodyStream.Create(
            request, auth.Verifier.Authenticate(request), new SplitStream(wire, 10_000), BodyRules.Object);
        var (bytes, digest) = await BodyWorld.ReadAsync(body);
        bytes.ShouldBe(BodyWorld.Latin(new string('a', 66_560)));
        digest.Find(ChecksumAlgorithm.Crc32C).ShouldBe(hasTrailer ? "sOO8/Q==" : null);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Any_split_of_the_bytes_gives_the_same_body(string kind)
    {
        var (request, wire) = Make(kind);
        foreach (var size in (int[])[1, 2, 3, 7, 64, 97, 1_000, 100_000])
        {
            foreach (var bufferSize in (int[])[1, 5, 100, 4_096])
            {
                var inner = new SplitStream(wire, size, isAsynchronous: size % 2 == 0);
                var (bytes, digest) = await BodyWorld.ReadAsync(_world.Open(request, inner), bufferSize);
                bytes.ShouldBe(Content);
                digest.LengthBytes.ShouldBe(Content.Length);
                digest.Checksums.Count.ShouldBe(kind == BodyWorld.Signed ? 0 : 1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_body_cut_anywhere_is_refused(string kind)
    {
        var (request, wire) = Make(kind);
        for (var length = 0; length < wire.Length; length++)
        {
            var refusal = await BodyWorld.RefuseAsync(_world.Open(request, wire[..length]));
            refusal.Error.Code.ShouldBe("IncompleteBody", $"cut at {length}");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_body_that_goes_on_is_refused(string kind)
    {
        var (request, wire) = Make(kind);
        foreach (var excess in (string[])["x", "\r\n", "0\r\n\r\n"])
        {
            byte[] longer = [.. wire, .. BodyWorld.Latin(excess)];
            foreach (var size in (int[])[1, 100_000])
            {
                var refusal = await BodyWorld.RefuseAsync(_world.Open(request, new SplitStream(longer, size)));
                refusal.Error.Code.ShouldBe("IncompleteBody");
            }
        }
    }

    [Theory]
    [InlineData(BodyWorld.Signed)]
    [InlineData(BodyWorld.SignedTrailer)]
    public async Task Every_changed_byte_of_a_signed_body_is_refused(string kind)
    {
        var (request, wire) = Make(kind);
        for (var at = 0; at < wire.Length; at++)
        {
            foreach (var flip in (byte[])[0x01, 0x80])
            {
                var changed = wire.ToArray();
                changed[at] ^= flip;
                var refusal = await BodyWorld.RefuseAsync(_world.Open(request, changed));
                refusal.Error.Status.ShouldBeInRange(400, 403, $"byte {at}");
            }
        }
    }

    // Upper case in a header name is the same name, so only what is not a letter's case is changed here.
    [Fact]
    public async Task Every_changed_byte_of_an_unsigned_body_is_refused()
    {
        var (request, wire) = Make(BodyWorld.UnsignedTrailer);
        for (var at = 0; at < wire.Length; at++)
        {
            var changed = wire.ToArray();
            changed[at] ^= 0x01;
            await BodyWorld.RefuseAsync(_world.Open(request, changed));
        }
    }

    [Fact]
    public async Task Chunks_can_be_neither_dropped_nor_swapped_nor_resigned()
    {
        var request = _world.Framed(BodyWorld.Signed, 30);
        var wire = _world.Frame(request, Content[..30], 10);
        var size = 10 + 2 + "a;chunk-signature=".Length + 64 + 2;
        var (first, second, rest) = (wire[..size], wire[size..(2 * size)], wire[(2 * size)..]);
        await ExpectAsync(request, [.. second, .. first, .. rest], "SignatureDoesNotMatch");
        await ExpectAsync(request, [.. first, .. first, .. rest], "SignatureDoesNotMatch");
        await ExpectAsync(request, [.. first, .. rest], "SignatureDoesNotMatch");
        var other = _world.Request(BodyWorld.Signed, ("x-amz-decoded-content-length", "30"), ("x-amz-meta-a", "b"));
        await ExpectAsync(other, wire, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task The_last_bytes_of_a_chunk_wait_for_its_signature()
    {
        var request = _world.Framed(BodyWorld.Signed, 30);
        var wire = _world.Frame(request, Content[..30], 30);
        wire[^100] ^= 1;
        await using var body = _world.Open(request, wire);
        await Should.ThrowAsync<Ambry.S3.Errors.S3Exception>(async () => (await body.ReadAsync(new byte[100])).ShouldBe(0));
    }

    [Theory]
    [InlineData("x-amz-checksum-crc32:AAAAAA==", "BadDigest")]
    [InlineData("x-amz-checksum-crc32:AAAA", "InvalidRequest")]
    [InlineData("x-amz-checksum-crc32c:AAAAAA==", "MalformedTrailerError")]
    [InlineData("x-amz-meta-a:b", "MalformedTrailerError")]
    [InlineData("x-amz-checksum-crc32", "MalformedTrailerError")]
    [InlineData(":AAAAAA==", "MalformedTrailerError")]
    [InlineData(null, "IncompleteBody")]
    public async Task The_trailer_is_the_declared_one_and_verified(string? trailer, string code)
    {
        foreach (var kind in (string[])[BodyWorld.SignedTrailer, BodyWorld.UnsignedTrailer])
        {
            var request = _world.Framed(kind, Content.Length, ("x-amz-trailer", Crc32));
            await ExpectAsync(request, _world.Frame(request, Content, 100, trailer), code);
        }
    }

    [Fact]
    public async Task A_trailer_comes_once_and_with_its_signature()
    {
        var (signed, wire) = Make(BodyWorld.SignedTrailer);
        var text = Encoding.Latin1.GetString(wire);
        var signature = text[text.IndexOf("x-amz-trailer-signature", StringComparison.Ordinal)..^2];
        var without = text.Replace(signature, "", StringComparison.Ordinal);
        await ExpectAsync(signed, BodyWorld.Latin(without), "MalformedTrailerError");
        var twice = text.Replace(Trailer, Trailer + "\r\n" + Trailer, StringComparison.Ordinal);
        await ExpectAsync(signed, BodyWorld.Latin(twice), "MalformedTrailerError");
        var twiceSigned = text.Replace(signature, signature + signature, StringComparison.Ordinal);
        await ExpectAsync(signed, BodyWorld.Latin(twiceSigned), "MalformedTrailerError");
    }

    [Fact]
    public async Task An_undeclared_trailer_is_refused()
    {
        foreach (var kind in AllKinds)
        {
            var request = _world.Framed(kind, Content.Length);
            await ExpectAsync(
                request,
                _world.Frame(request, Content, 100, Trailer),
                kind == BodyWorld.Signed ? "IncompleteBody" : "MalformedTrailerError");
            (await BodyWorld.ReadAsync(_world.Open(request, _world.Frame(request, Content, 100)))).Bytes.ShouldBe(Content);
        }
    }

    [Fact]
    public async Task An_unsigned_trailer_may_follow_an_empty_line()
    {
        var request = _world.Framed(BodyWorld.UnsignedTrailer, 5, ("x-amz-trailer", Crc32));
        var wire = BodyWorld.Latin("5\r\nhello\r\n0\r\n\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
        (await BodyWorld.ReadAsync(_world.Open(request, new SplitStream(wire, 1)))).Bytes.ShouldBe("hello"u8.ToArray());
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", null)]
    [InlineData("05\r\nhello\r\n00\r\n\r\n", null)]
    [InlineData("6\r\nhello!\r\n0\r\n\r\n", "InvalidChunkSizeError")]
    [InlineData("7fffffffffffffff\r\nhello", "InvalidChunkSizeError")]
    [InlineData("ffffffffffffffff\r\nhello", "IncompleteBody")]
    [InlineData("00000000000000005\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("4\r\nhell\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("5 \r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("0x5\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("5\nhello\n0\n\n", "IncompleteBody")]
    [InlineData("5;a=b\r\nhello\r\n0\r\n\r\n", "IncompleteBody")]
    [InlineData("5\r\nhello0\r\n\r\n", "IncompleteBody")]
    [InlineData("5\r\nhello!\r\n0\r\n\r\n", "IncompleteBody")]
    public async Task Framing_is_strict(string wire, string? code)
    {
        var request = _world.Framed(BodyWorld.UnsignedTrailer, 5);
        foreach (var size in (int[])[1, 100_000])
        {
            var body = _world.Open(request, new SplitStream(BodyWorld.Latin(wire), size));
            if (code is null)
            {
                (await BodyWorld.ReadAsync(body)).Bytes.ShouldBe("hello"u8.ToArray());
                continue;
            }

            (await BodyWorld.RefuseAsync(body)).Error.Code.ShouldBe(code);
        }
    }

    [Fact]
    public async Task Endless_lines_are_refused_early()
    {
        var inner = new SplitStream(BodyWorld.Latin(new string('0', 100_000)), 10);
        var request = _world.Framed(BodyWorld.UnsignedTrailer, 5, ("x-amz-trailer", Crc32));
        await BodyWorld.RefuseAsync(_world.Open(request, inner));
        inner.Position.ShouldBeLessThan(200);
        inner = new SplitStream(BodyWorld.Latin("5\r\nhello\r\n0\r\n" + new string('a', 100_000)), 10);
        await BodyWorld.RefuseAsync(_world.Open(request, inner));
        inner.Position.ShouldBeLessThan(3_000);
    }

    [Theory]
    [InlineData(null, "MissingContentLength", 411)]
    [InlineData("five", "InvalidArgument", 400)]
    [InlineData("5368709121", "EntityTooLarge", 400)]
    public void The_length_without_framing_is_announced(string? length, string code, int status)
    {
        foreach (var kind in AllKinds)
        {
            (string, string)[] headers = length is null ? [] : [("x-amz-decoded-content-length", length)];
            _world.RefuseHead(_world.Request(kind, [("Content-Length", "100"), .. headers]), code, status);
        }
    }

    [Fact]
    public void A_trailer_of_another_kind_or_beside_a_header_is_refused()
    {
        _world.RefuseHead(
            _world.Framed(BodyWorld.UnsignedTrailer, 5, ("x-amz-trailer", "x-amz-meta-a")), "InvalidRequest", 400);
        _world.RefuseHead(
            _world.Framed(BodyWorld.UnsignedTrailer, 5, ("x-amz-trailer", Crc32), (Crc32, "NhCmhg==")),
            "InvalidRequest",
            400);
    }

    [Fact]
    public async Task A_whole_body_may_be_one_chunk()
    {
        var content = new byte[20 * 1024 * 1024];
        var request = _world.Framed(BodyWorld.UnsignedTrailer, content.Length);
        var wire = _world.Frame(request, content, content.Length);
        var (_, digest) = await BodyWorld.ReadAsync(_world.Open(request, wire), 1 << 20);
        digest.LengthBytes.ShouldBe(content.Length);
    }

    private static (S3Request Request, byte[] Wire) GuideExample(bool hasTrailer)
    {
        var (names, seed) = hasTrailer
            ? ("content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;"
                + "x-amz-trailer", "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
            : ("content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                + "x-amz-storage-class", "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
        string[] signatures = hasTrailer
            ?
            [
                "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
                "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
                "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            ]
            :
            [
                "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
                "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
                "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
            ];
        var request = AuthWorld.Request(
            "PUT",
            "/examplebucket/chunkObject.txt",
            ("x-amz-date", "20130524T000000Z"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + $"SignedHeaders={names},Signature={seed}"),
            ("x-amz-content-sha256", hasTrailer ? BodyWorld.SignedTrailer : BodyWorld.Signed),
            ("Content-Encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("Content-Length", "66824")) with
        { Host = "s3.amazonaws.com" };
        if (hasTrailer)
        {
            request = AuthWorld.With(request, "x-amz-trailer", "x-amz-checksum-crc32c");
        }

        var end = hasTrailer
            ? "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
                + "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
            : "\r\n";
        return (request, BodyWorld.Latin(
            $"10000;chunk-signature={signatures[0]}\r\n{new string('a', 65_536)}\r\n"
            + $"400;chunk-signature={signatures[1]}\r\n{new string('a', 1_024)}\r\n"
            + $"0;chunk-signature={signatures[2]}\r\n{end}"));
    }

    private (S3Request Request, byte[] Wire) Make(string kind)
    {
        (string, string)[] headers = kind == BodyWorld.Signed ? [] : [("x-amz-trailer", Crc32)];
        var request = _world.Framed(kind, Content.Length, headers);
        return (request, _world.Frame(request, Content, 0x90, kind == BodyWorld.Signed ? null : Trailer));
    }

    private async Task ExpectAsync(S3Request request, byte[] wire, string code) =>
        (await BodyWorld.RefuseAsync(_world.Open(request, wire))).Error.Code.ShouldBe(code);
}
