using Ambry.Integration.Tests.Support;
using Ambry.S3.Requests;

namespace Ambry.Integration.Tests.Mechanics;

/// <summary>What SDKs do about checksums and framing without being asked to.</summary>
public sealed class ChecksumMechanicsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private const string UnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private const string SignedTrailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    private const string SignedChunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private const string Crc32 = "x-amz-checksum-crc32";

    private static readonly byte[] Body = TestContent.Bytes(1, TestContent.Chunk + 12_345);

    [Theory]
    [InlineData("crc32")]
    [InlineData("crc64nvme")]
    public async Task Mechanic_01_a_default_checksum_in_a_header_is_taken_and_verified(string algorithm)
    {
        var value = algorithm == "crc32" ? TestContent.Crc32(Body) : TestContent.Crc64Nvme(Body);
        var put = await PutAsync(
            "key",
            Body,
            ("x-amz-sdk-checksum-algorithm", algorithm.ToUpperInvariant()),
            ($"x-amz-checksum-{algorithm}", value));
        put.Status.ShouldBe(200, put.Text);
        put[$"x-amz-checksum-{algorithm}"].ShouldBe(value);
        var wrong = algorithm == "crc32" ? TestContent.Crc32([1]) : TestContent.Crc64Nvme([1]);
        ShouldBeError(await PutAsync("other", Body, ($"x-amz-checksum-{algorithm}", wrong)), 400, "BadDigest");
        (await GetAsync("other")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData(8 * 1024)]
    [InlineData(64 * 1024)]
    [InlineData(int.MaxValue)]
    public async Task Mechanic_02_an_unsigned_trailer_body_is_stored_without_its_framing(int chunkSize)
    {
        var value = TestContent.Crc32(Body);
        var put = await PutFramedAsync("key", UnsignedTrailer, Crc32, $"{Crc32}:{value}", chunkSize);
        put.Status.ShouldBe(200, put.Text);
        put[Crc32].ShouldBe(value);
        var got = await GetAsync("key", ("x-amz-checksum-mode", "ENABLED"));
        got.Body.AsSpan().SequenceEqual(Body).ShouldBeTrue();
        got[Crc32].ShouldBe(value);
        got["ETag"].ShouldBe($"\"{TestContent.Md5(Body)}\"");
    }

    [Fact]
    public async Task Mechanic_02_a_framed_body_needs_no_content_length()
    {
        (string, string)[] headers =
        [
            ("x-amz-decoded-content-length", $"{Body.Length}"), ("x-amz-trailer", Crc32),
            ("Content-Encoding", "aws-chunked"),
        ];
        var signed = Client.Sign("PUT", $"/{Bucket}/key", headers: headers, payloadHash: UnsignedTrailer);
        signed.Headers.Add("Transfer-Encoding", "chunked");
        var framed = ChunkedBody.Unsigned(Body, 65_536, $"{Crc32}:{TestContent.Crc32(Body)}");
        var http = TestContent.Join(
            TestContent.Text($"{framed.Length:x}\r\n"), framed, TestContent.Text("\r\n0\r\n\r\n"));
        (await Client.SendAsync(signed, http)).Status.ShouldBe(200);
        (await GetAsync("key")).Body.AsSpan().SequenceEqual(Body).ShouldBeTrue();
    }

    [Theory]
    [InlineData(SignedChunks, false)]
    [InlineData(SignedTrailer, true)]
    public async Task Mechanic_03_signed_chunks_are_verified_to_the_last(string kind, bool hasTrailer)
    {
        var trailer = hasTrailer ? $"{Crc32}:{TestContent.Crc32(Body)}" : null;
        (await PutFramedAsync("key", kind, hasTrailer ? Crc32 : null, trailer, 65_536)).Status.ShouldBe(200);
        (await GetAsync("key")).Body.AsSpan().SequenceEqual(Body).ShouldBeTrue();
        foreach (var at in (int[])[200, 70_000, Body.Length - 10])
        {
            ShouldBeError(
                await PutFramedAsync("bad", kind, hasTrailer ? Crc32 : null, trailer, 65_536, at),
                403,
                "SignatureDoesNotMatch");
        }

        (await GetAsync("bad")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData(UnsignedTrailer)]
    [InlineData(SignedTrailer)]
    public async Task Mechanic_04_a_trailer_that_does_not_match_stores_nothing(string kind)
    {
        await PutAsync("key", TestContent.Text("old"));
        ShouldBeError(
            await PutFramedAsync("key", kind, Crc32, $"{Crc32}:{TestContent.Crc32([1])}", 65_536), 400, "BadDigest");
        (await GetAsync("key")).Text.ShouldBe("old");
    }

    [Fact]
    public async Task Mechanic_04_a_trailer_that_was_promised_has_to_come()
    {
        ShouldBeError(await PutFramedAsync("key", UnsignedTrailer, Crc32, null, 65_536), 400, "IncompleteBody");
        ShouldBeError(
            await PutFramedAsync("key", UnsignedTrailer, Crc32, "x-amz-checksum-sha1:rubbish", 65_536),
            400,
            "MalformedTrailerError");
        (await GetAsync("key")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("gzip,aws-chunked", "gzip")]
    [InlineData("aws-chunked", null)]
    [InlineData("aws-chunked, gzip, br", "gzip,br")]
    public async Task Mechanic_05_aws_chunked_is_no_encoding_of_the_object(string sent, string? stored)
    {
        (string, string)[] headers =
        [
            ("x-amz-decoded-content-length", $"{Body.Length}"), ("x-amz-trailer", Crc32), ("Content-Encoding", sent),
        ];
        var signed = Client.Sign("PUT", $"/{Bucket}/key", headers: headers, payloadHash: UnsignedTrailer);
        var framed = ChunkedBody.Unsigned(Body, 65_536, $"{Crc32}:{TestContent.Crc32(Body)}");
        (await Client.SendAsync(signed, framed)).Status.ShouldBe(200);
        (await HeadAsync("key"))["Content-Encoding"].ShouldBe(stored);
    }

    [Fact]
    public async Task Mechanic_06_a_bulk_delete_brings_a_crc_or_an_md5_and_one_of_them()
    {
        var document = TestContent.Text("<Delete><Object><Key>a</Key></Object></Delete>");
        await PutAsync("a", [1]);
        Task<RawResponse> Send(params (string, string)[] headers) =>
            Client.SendAsync("POST", $"/{Bucket}", [("delete", "")], headers, document);
        ShouldBeError(await Send(), 400, "InvalidRequest");
        ShouldBeError(await Send((Crc32, TestContent.Crc32([1]))), 400, "BadDigest");
        (await GetAsync("a")).Status.ShouldBe(200);
        (await Send((Crc32, TestContent.Crc32(document)), ("x-amz-sdk-checksum-algorithm", "CRC32")))
            .Values("Key").ShouldBe(["a"]);
        (await GetAsync("a")).Status.ShouldBe(404);
        await PutAsync("a", [1]);
        (await Send(("Content-MD5", TestContent.Md5Base64(document)))).Status.ShouldBe(200);
        (await GetAsync("a")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Mechanic_07_a_part_may_bring_a_checksum_that_create_did_not_name()
    {
        var uploadId = await CreateUploadAsync("key");
        var put = await PutPartAsync("key", uploadId, 1, Body, (Crc32, TestContent.Crc32(Body)));
        put.Status.ShouldBe(200, put.Text);
        put[Crc32].ShouldBe(TestContent.Crc32(Body));
        (await CompleteAsync("key", uploadId, Document((1, put["ETag"]!, "")))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task Mechanic_08_an_algorithm_named_at_create_is_demanded_of_every_part()
    {
        var uploadId = await CreateUploadAsync("key", ("x-amz-checksum-algorithm", "CRC32"));
        ShouldBeError(await PutPartAsync("key", uploadId, 1, Body), 400, "InvalidRequest");
        ShouldBeError(
            await PutPartAsync("key", uploadId, 1, Body, ("x-amz-checksum-sha256", TestContent.Sha256Base64(Body))),
            400,
            "InvalidRequest");
        (await PutPartAsync("key", uploadId, 1, Body, (Crc32, TestContent.Crc32(Body)))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("FULL_OBJECT")]
    [InlineData("COMPOSITE")]
    public async Task Mechanic_09_complete_answers_the_kind_of_checksum_that_create_named(string type)
    {
        byte[][] parts = [TestContent.Bytes(2, TestContent.SmallestPart), Body];
        var uploadId = await CreateUploadAsync(
            "key", ("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", type));
        var named = new List<(int, string, string)>();
        foreach (var part in parts)
        {
            var crc = TestContent.Crc32(part);
            var put = await PutPartAsync("key", uploadId, named.Count + 1, part, (Crc32, crc));
            named.Add((named.Count + 1, put["ETag"]!, $"<ChecksumCRC32>{crc}</ChecksumCRC32>"));
        }

        var digests = parts.SelectMany(part => Convert.FromBase64String(TestContent.Crc32(part))).ToArray();
        var expected = type == "FULL_OBJECT"
            ? TestContent.Crc32(TestContent.Join(parts))
            : TestContent.Crc32(digests) + "-2";
        var wrong = await CompleteAsync("key", uploadId, Document([.. named]), (Crc32, TestContent.Crc32([1])));
        wrong.Status.ShouldBe(400, wrong.Text);
        var completed = await CompleteAsync("key", uploadId, Document([.. named]), (Crc32, expected));
        completed.Status.ShouldBe(200, completed.Text);
        completed.Values("ChecksumCRC32").ShouldBe([expected]);
        completed.Element("ChecksumType").ShouldBe(type);
        var head = await HeadAsync("key", ("x-amz-checksum-mode", "ENABLED"));
        head[Crc32].ShouldBe(expected);
        head["x-amz-checksum-type"].ShouldBe(type);
    }

    [Fact]
    public async Task Mechanic_09_a_part_named_with_another_checksum_is_not_that_part()
    {
        var uploadId = await CreateUploadAsync("key", ("x-amz-checksum-algorithm", "CRC32"));
        var put = await PutPartAsync("key", uploadId, 1, Body, (Crc32, TestContent.Crc32(Body)));
        var other = $"<ChecksumCRC32>{TestContent.Crc32([1])}</ChecksumCRC32>";
        ShouldBeError(
            await CompleteAsync("key", uploadId, Document((1, put["ETag"]!, other))), 400, "InvalidPart");
    }

    [Fact]
    public async Task Mechanic_27_transfer_managers_force_a_crc_on_every_request_of_an_upload()
    {
        var created = await Client.SendAsync(
            "POST",
            $"/{Bucket}/key",
            [("uploads", "")],
            [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")]);
        var uploadId = created.Element("UploadId");
        (string, string)[] headers =
        [
            ("x-amz-decoded-content-length", $"{Body.Length}"), ("x-amz-trailer", Crc32),
            ("x-amz-sdk-checksum-algorithm", "CRC32"), ("Content-Encoding", "aws-chunked"),
        ];
        var signed = Client.Sign("PUT", $"/{Bucket}/key", Part(uploadId, 1), headers, UnsignedTrailer);
        var framed = ChunkedBody.Unsigned(Body, 1 << 20, $"{Crc32}:{TestContent.Crc32(Body)}");
        var put = await Client.SendAsync(signed, framed);
        put.Status.ShouldBe(200, put.Text);
        var completed = await CompleteAsync(
            "key",
            uploadId,
            Document((1, put["ETag"]!, $"<ChecksumCRC32>{TestContent.Crc32(Body)}</ChecksumCRC32>")),
            ("x-amz-checksum-type", "FULL_OBJECT"),
            ("x-amz-mp-object-size", $"{Body.Length}"));
        completed.Values("ChecksumCRC32").ShouldBe([TestContent.Crc32(Body)]);
    }

    /// <param name="damagedAt">The byte of the framed body that is changed on its way; negative for none.</param>
    private Task<RawResponse> PutFramedAsync(
        string key, string kind, string? trailerName, string? trailer, int chunkSize, int damagedAt = -1)
    {
        List<(string, string)> headers =
            [("x-amz-decoded-content-length", $"{Body.Length}"), ("Content-Encoding", "aws-chunked")];
        if (trailerName is not null)
        {
            headers.Add(("x-amz-trailer", trailerName));
        }

        var signer = Signer;
        S3Request request = signer.SignHeader("PUT", $"/{Bucket}/{key}", null, headers, kind);
        var body = kind == UnsignedTrailer
            ? ChunkedBody.Unsigned(Body, chunkSize, trailer)
            : ChunkedBody.Signed(signer, request, Body, chunkSize, trailer);
        if (damagedAt >= 0)
        {
            body[damagedAt] ^= 1;
        }

        return Client.SendAsync(request, body);
    }
}
