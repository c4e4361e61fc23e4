using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class PutObjectTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task An_answer_has_the_tag_and_nothing_to_read()
    {
        var body = TestContent.Text("hello");
        var put = await PutAsync("key", body);
        put.Status.ShouldBe(200);
        put.HeaderNames.ShouldBe("content-length date etag vary x-amz-id-2 x-amz-request-id");
        put["ETag"].ShouldBe($"\"{TestContent.Md5(body)}\"");
        put["Content-Length"].ShouldBe("0");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64 * 1024)]
    [InlineData(TestContent.Chunk - 1)]
    [InlineData(TestContent.Chunk)]
    [InlineData(TestContent.Chunk + 1)]
    [InlineData(2 * TestContent.Chunk)]
    [InlineData((2 * TestContent.Chunk) + 1)]
    [InlineData(5 * TestContent.Chunk)]
    public async Task Bytes_tag_and_size_agree_wherever_they_are_shown(int size)
    {
        var body = TestContent.Bytes(size, size);
        var tag = $"\"{TestContent.Md5(body)}\"";
        (await PutAsync("key", body))["ETag"].ShouldBe(tag);
        var got = await GetAsync("key");
        got["ETag"].ShouldBe(tag);
        got["Content-Length"].ShouldBe($"{size}");
        got.Body.AsSpan().SequenceEqual(body).ShouldBeTrue();
        var head = await HeadAsync("key");
        head["ETag"].ShouldBe(tag);
        head["Content-Length"].ShouldBe($"{size}");
        var listed = await ListAsync();
        listed.Values("ETag").ShouldBe([tag]);
        listed.Values("Size").ShouldBe([$"{size}"]);
        (await CopyAsync($"/{Bucket}/key", "copy")).Values("ETag").ShouldBe([tag]);
    }

    [Fact]
    public async Task The_last_write_is_the_object_whatever_the_sizes()
    {
        foreach (var size in (int[])[10, TestContent.Chunk + 5, 0, 2 * TestContent.Chunk, 3])
        {
            var body = TestContent.Bytes(size + 1, size);
            (await PutAsync("key", body, ("x-amz-meta-size", $"{size}"))).Status.ShouldBe(200);
            var got = await GetAsync("key");
            got["x-amz-meta-size"].ShouldBe($"{size}");
            got.Body.AsSpan().SequenceEqual(body).ShouldBeTrue();
        }

        (await KeysAsync()).ShouldBe(["key"]);
    }

    [Fact]
    public async Task Headers_and_metadata_come_back_with_every_read()
    {
        (string Name, string Value)[] headers =
        [
            ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "max-age=60, public"),
            ("Content-Disposition", "attachment; filename=\"a b.txt\""), ("Content-Encoding", "gzip"),
            ("Content-Language", "de, en"), ("Expires", "Thu, 01 Dec 1994 16:00:00 GMT"),
            ("x-amz-meta-plain", "value"), ("X-Amz-Meta-UPPER", "Value"), ("x-amz-meta-umlaut", "\u00fc"),
        ];
        (await PutAsync("key", [1], headers)).Status.ShouldBe(200);
        foreach (var read in (RawResponse[])[await GetAsync("key"), await HeadAsync("key")])
        {
            foreach (var (name, value) in headers.Where(header => header.Name != "x-amz-meta-umlaut"))
            {
                read[name].ShouldBe(value, name);
            }

            // The bytes of UTF-8, one character each, as this client reads heads.
            read["x-amz-meta-umlaut"].ShouldBe("\u00c3\u00bc");
        }
    }

    [Theory]
    [InlineData("CRC32")]
    [InlineData("CRC64NVME")]
    [InlineData("SHA256")]
    public async Task A_checksum_is_kept_and_shown_to_who_asks(string algorithm)
    {
        var body = TestContent.Bytes(7, 100_000);
        var name = $"x-amz-checksum-{algorithm.ToLowerInvariant()}";
        var value = algorithm switch
        {
            "CRC32" => TestContent.Crc32(body),
            "CRC64NVME" => TestContent.Crc64Nvme(body),
            _ => TestContent.Sha256Base64(body),
        };
        var put = await PutAsync("key", body, (name, value));
        put.Status.ShouldBe(200, put.Text);
        put[name].ShouldBe(value);
        put["x-amz-checksum-type"].ShouldBe("FULL_OBJECT");
        (await GetAsync("key"))[name].ShouldBeNull();
        (await HeadAsync("key", ("x-amz-checksum-mode", "ENABLED")))[name].ShouldBe(value);
        (await GetAsync("key", ("x-amz-checksum-mode", "ENABLED")))[name].ShouldBe(value);
        var listed = await ListAsync();
        listed.Element("ChecksumAlgorithm").ShouldBe(algorithm);
        listed.Element("ChecksumType").ShouldBe("FULL_OBJECT");
    }

    [Theory]
    [InlineData(10)]
    [InlineData((2 * TestContent.Chunk) + 10)]
    public async Task A_body_that_is_not_the_promised_one_leaves_the_old_object(int size)
    {
        var old = TestContent.Text("old");
        await PutAsync("key", old);
        var body = TestContent.Bytes(3, size);
        ShouldBeError(
            await PutAsync("key", body, ("Content-MD5", TestContent.Md5Base64(old))), 400, "BadDigest");
        ShouldBeError(
            await PutAsync("key", body, ("x-amz-checksum-sha256", TestContent.Sha256Base64(old))), 400, "BadDigest");
        var otherHash = Client.Sign("PUT", $"/{Bucket}/key", body: old);
        ShouldBeError(await Client.SendAsync(otherHash, body), 400, "XAmzContentSHA256Mismatch");
        ShouldBeError(await PutAsync("key", body, ("Content-MD5", "rubbish")), 400, "InvalidDigest");
        ShouldBeError(
            await PutAsync("key", body, ("x-amz-checksum-crc32", "rubbish")), 400, "InvalidRequest");
        (await GetAsync("key")).Text.ShouldBe("old");
    }

    [Fact]
    public async Task Conditions_see_what_is_stored()
    {
        ShouldBeError(await PutAsync("key", [1], ("If-Match", "\"x\"")), 404, "NoSuchKey");
        var first = await PutAsync("key", [1], ("If-None-Match", "*"));
        first.Status.ShouldBe(200);
        ShouldBeError(await PutAsync("key", [2], ("If-None-Match", "*")), 412, "PreconditionFailed");
        ShouldBeError(await PutAsync("key", [2], ("If-Match", "\"0\"")), 412, "PreconditionFailed");
        (await PutAsync("key", [2], ("If-Match", first["ETag"]!))).Status.ShouldBe(200);
        ShouldBeError(await PutAsync("key", [3], ("If-Match", first["ETag"]!)), 412, "PreconditionFailed");
        (await GetAsync("key")).Body.ShouldBe([2]);
        await DeleteAsync("key");
        (await PutAsync("key", [4], ("If-None-Match", "*"))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_swap_by_tag_never_loses_an_update()
    {
        await PutAsync("counter", TestContent.Text("0"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (var added = 0; added < 5;)
            {
                var got = await GetAsync("counter");
                var next = TestContent.Text($"{int.Parse(got.Text) + 1}");
                var put = await PutAsync("counter", next, ("If-Match", got["ETag"]!));
                put.Status.ShouldBeOneOf(200, 409, 412);
                added += put.Status == 200 ? 1 : 0;
            }
        }));
        (await GetAsync("counter")).Text.ShouldBe("40");
    }

    [Fact]
    public async Task Writers_of_one_key_leave_one_of_their_objects_whole()
    {
        var bodies = Enumerable.Range(0, 12).Select(seed => TestContent.Bytes(seed, 100_000 * seed)).ToList();
        await Task.WhenAll(bodies.Select(body => PutAsync("key", body)));
        var got = await GetAsync("key");
        bodies.Exists(body => body.AsSpan().SequenceEqual(got.Body)).ShouldBeTrue();
        got["ETag"].ShouldBe($"\"{TestContent.Md5(got.Body)}\"");
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_takes_nothing() => ShouldBeError(
        await Client.SendAsync("PUT", $"/{Bucket}-absent/key", body: [1]), 404, "NoSuchBucket");
}
