using System.Globalization;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class GetObjectTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private const int Size = (2 * TestContent.Chunk) + 1000;

    private static readonly byte[] Large = TestContent.Bytes(11, Size);

    [Fact]
    public async Task An_answer_has_the_headers_that_clients_and_caches_need_and_no_others()
    {
        await PutAsync("key", TestContent.Text("hello"));
        var got = await GetAsync("key");
        got.Status.ShouldBe(200);
        got.Text.ShouldBe("hello");
        got.HeaderNames.ShouldBe(
            "accept-ranges content-length content-type date etag last-modified vary x-amz-id-2 x-amz-request-id");
        got["Accept-Ranges"].ShouldBe("bytes");
        got["Content-Type"].ShouldBe("binary/octet-stream");
        DateTimeOffset.ParseExact(got["Last-Modified"]!, "r", CultureInfo.InvariantCulture)
            .ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(TestContent.Chunk - 1, TestContent.Chunk - 1)]
    [InlineData(TestContent.Chunk - 1, TestContent.Chunk)]
    [InlineData(TestContent.Chunk, TestContent.Chunk)]
    [InlineData(TestContent.Chunk, (2 * TestContent.Chunk) - 1)]
    [InlineData(5, Size - 6)]
    [InlineData((2 * TestContent.Chunk) - 1, 2 * TestContent.Chunk)]
    [InlineData(2 * TestContent.Chunk, Size - 1)]
    [InlineData(Size - 1, Size - 1)]
    [InlineData(0, Size - 1)]
    public async Task A_range_is_exact_across_the_chunks_of_the_store(int first, int last)
    {
        await PutAsync("large", Large);
        var got = await GetAsync("large", ("Range", $"bytes={first}-{last}"));
        got.Status.ShouldBe(206);
        got["Content-Range"].ShouldBe($"bytes {first}-{last}/{Size}");
        got["ETag"].ShouldBe($"\"{TestContent.Md5(Large)}\"");
        got.Body.AsSpan().SequenceEqual(Large.AsSpan(first..(last + 1))).ShouldBeTrue();
    }

    [Theory]
    [InlineData("bytes=-1", Size - 1)]
    [InlineData("bytes=-1001", Size - 1001)]
    [InlineData("bytes=-999999999999", 0)]
    [InlineData("bytes=4194303-", TestContent.Chunk - 1)]
    [InlineData("bytes=8388608-99999999999999999999", 2 * TestContent.Chunk)]
    public async Task A_range_ends_where_the_object_does(string range, int first)
    {
        await PutAsync("large", Large);
        var got = await GetAsync("large", ("Range", range));
        got.Status.ShouldBe(206);
        got["Content-Range"].ShouldBe($"bytes {first}-{Size - 1}/{Size}");
        got.Body.AsSpan().SequenceEqual(Large.AsSpan(first)).ShouldBeTrue();
    }

    [Fact]
    public async Task Ranges_at_random_give_what_the_whole_has_there()
    {
        const int Seed = 20_262;
        await PutAsync("large", Large);
        var random = new Random(Seed);
        for (var round = 0; round < 40; round++)
        {
            var first = random.Next(Size);
            var last = Math.Min(Size - 1, first + random.Next(100_000));
            var got = await GetAsync("large", ("Range", $"bytes={first}-{last}"));
            got.Body.AsSpan().SequenceEqual(Large.AsSpan(first..(last + 1)))
                .ShouldBeTrue($"seed {Seed}, round {round}, bytes {first}-{last}");
        }
    }

    [Theory]
    [InlineData(0, "bytes=0-0")]
    [InlineData(0, "bytes=-5")]
    [InlineData(10, "bytes=10-")]
    [InlineData(10, "bytes=-0")]
    public async Task A_range_behind_the_end_is_416_with_the_size(int size, string range)
    {
        await PutAsync("key", TestContent.Bytes(1, size));
        var got = await GetAsync("key", ("Range", range));
        ShouldBeError(got, 416, "InvalidRange");
        got["Content-Range"].ShouldBe($"bytes */{size}");
        got.Element("ActualObjectSize").ShouldBe($"{size}");
    }

    [Fact]
    public async Task Conditions_compare_with_what_is_stored()
    {
        var tag = (await PutAsync("key", [1]))["ETag"]!;
        var modified = (await HeadAsync("key"))["Last-Modified"]!;
        var before = DateTimeOffset.Parse(modified, CultureInfo.InvariantCulture).AddSeconds(-1).ToString("r");
        (await GetAsync("key", ("If-Match", tag))).Status.ShouldBe(200);
        ShouldBeError(await GetAsync("key", ("If-Match", "\"x\"")), 412, "PreconditionFailed");
        var notModified = await GetAsync("key", ("If-None-Match", tag));
        notModified.Status.ShouldBe(304);
        notModified["ETag"].ShouldBe(tag);
        notModified.Body.ShouldBeEmpty();
        (await GetAsync("key", ("If-None-Match", "\"x\""))).Status.ShouldBe(200);
        (await GetAsync("key", ("If-Modified-Since", modified))).Status.ShouldBe(304);
        (await GetAsync("key", ("If-Modified-Since", before))).Status.ShouldBe(200);
        (await GetAsync("key", ("If-Unmodified-Since", modified))).Status.ShouldBe(200);
        ShouldBeError(await GetAsync("key", ("If-Unmodified-Since", before)), 412, "PreconditionFailed");
        (await GetAsync("key", ("If-Match", tag), ("If-Unmodified-Since", before))).Status.ShouldBe(200);
        (await GetAsync("key", ("If-None-Match", "\"x\""), ("If-Modified-Since", modified))).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_resumed_download_is_of_the_same_object_or_whole()
    {
        var tag = (await PutAsync("key", TestContent.Text("0123456789")))["ETag"]!;
        var resumed = await GetAsync("key", ("Range", "bytes=5-"), ("If-Range", tag));
        resumed.Status.ShouldBe(206);
        resumed.Text.ShouldBe("56789");
        await PutAsync("key", TestContent.Text("abcdefghij"));
        var restarted = await GetAsync("key", ("Range", "bytes=5-"), ("If-Range", tag));
        restarted.Status.ShouldBe(200);
        restarted.Text.ShouldBe("abcdefghij");
    }

    [Fact]
    public async Task A_reader_keeps_the_object_it_began_with()
    {
        await PutAsync("large", Large);
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(SignedClient.Head(Client.Sign("GET", $"/{Bucket}/large"), null));
        await connection.ReceiveHeadAsync();
        await PutAsync("large", TestContent.Text("new"));
        (await connection.ReceiveBodyAsync(Size)).AsSpan().SequenceEqual(Large).ShouldBeTrue();
        (await GetAsync("large")).Text.ShouldBe("new");
    }

    [Fact]
    public async Task What_is_not_there_is_told_by_name()
    {
        var missing = await GetAsync("no/such key");
        ShouldBeError(missing, 404, "NoSuchKey");
        missing.Element("Key").ShouldBe("no/such key");
        missing.Element("Resource").ShouldBe($"/{Bucket}/no/such%20key");
        var nowhere = await Client.SendAsync("GET", $"/{Bucket}-absent/key");
        ShouldBeError(nowhere, 404, "NoSuchBucket");
        nowhere.Element("BucketName").ShouldBe($"{Bucket}-absent");
        ShouldBeError(
            await Client.SendAsync("GET", $"/{Bucket}/key", [("versionId", "something")]), 404, "NoSuchVersion");
    }

    [Fact]
    public async Task Overrides_of_a_signed_request_replace_what_is_stored()
    {
        await PutAsync("key", [1], ("Content-Type", "text/plain"));
        var got = await Client.SendAsync(
            "GET",
            $"/{Bucket}/key",
            [
                ("response-content-type", "image/png"),
                ("response-content-disposition", "attachment; filename=\"x.png\""),
                ("response-cache-control", "no-store"), ("response-content-encoding", "identity"),
                ("response-content-language", "en"), ("response-expires", "0"),
            ]);
        got["Content-Type"].ShouldBe("image/png");
        got["Content-Disposition"].ShouldBe("attachment; filename=\"x.png\"");
        got["Cache-Control"].ShouldBe("no-store");
        got["Content-Encoding"].ShouldBe("identity");
        got["Content-Language"].ShouldBe("en");
        got["Expires"].ShouldBe("0");
        (await GetAsync("key"))["Content-Type"].ShouldBe("text/plain");
    }
}
