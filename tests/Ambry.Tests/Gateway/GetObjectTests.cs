using System.Net.Sockets;
using Ambry.Objects;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Gateway;

public sealed class GetObjectTests : GatewayTest
{
    private const string HelloMd5 = "\"5d41402abc4b2a76b9719d911017c592\"";
    private const string Modified = "Mon, 23 Nov 2026 12:00:00 GMT";

    [Fact]
    public async Task A_get_has_every_header_that_clients_and_caches_need()
    {
        var answer = await World.GetAsync("/bucket/key");
        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("hello");
        answer["ETag"].ShouldBe(HelloMd5);
        answer["Last-Modified"].ShouldBe(Modified);
        answer["Accept-Ranges"].ShouldBe("bytes");
        answer["Content-Length"].ShouldBe("5");
        answer["Transfer-Encoding"].ShouldBeNull();
        answer["Content-Range"].ShouldBeNull();
    }

    [Theory]
    [InlineData("bytes=1-3", "ell", "bytes 1-3/5")]
    [InlineData("bytes=1-", "ello", "bytes 1-4/5")]
    [InlineData("bytes=-2", "lo", "bytes 3-4/5")]
    [InlineData("bytes=-9", "hello", "bytes 0-4/5")]
    [InlineData("bytes=3-99", "lo", "bytes 3-4/5")]
    public async Task A_range_is_answered_with_206(string range, string text, string contentRange)
    {
        var answer = await World.GetAsync("/bucket/key", ("Range", range));
        answer.Status.ShouldBe(206);
        answer.Text.ShouldBe(text);
        answer["Content-Range"].ShouldBe(contentRange);
        answer["Accept-Ranges"].ShouldBe("bytes");
        var head = await World.HeadAsync("/bucket/key", ("Range", range));
        head.Status.ShouldBe(206);
        head["Content-Range"].ShouldBe(contentRange);
        head["Content-Length"].ShouldBe(text.Length.ToString());
    }

    [Theory]
    [InlineData("bytes=3-1")]
    [InlineData("bytes=a-b")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=0-1,3-4")]
    public async Task A_range_that_means_nothing_is_ignored(string range)
    {
        var answer = await World.GetAsync("/bucket/key", ("Range", range));
        answer.Status.ShouldBe(200);
        answer.Text.ShouldBe("hello");
    }

    [Theory]
    [InlineData("bytes=5-")]
    [InlineData("bytes=-0")]
    public async Task A_range_behind_the_end_is_416_and_says_the_size(string range)
    {
        var answer = await World.GetAsync("/bucket/key", ("Range", range));
        answer.Status.ShouldBe(416);
        answer.Code.ShouldBe("InvalidRange");
        answer["Content-Range"].ShouldBe("bytes */5");
        answer.Value("ActualObjectSize").ShouldBe("5");
        answer.Value("RangeRequested").ShouldBe(range);
    }

    [Fact]
    public async Task If_range_with_another_tag_answers_the_whole()
    {
        (await World.GetAsync("/bucket/key", ("Range", "bytes=0-1"), ("If-Range", HelloMd5))).Status.ShouldBe(206);
        (await World.GetAsync("/bucket/key", ("Range", "bytes=0-1"), ("If-Range", "\"x\""))).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("If-None-Match", HelloMd5)]
    [InlineData("If-None-Match", "\"a\", " + HelloMd5)]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-Modified-Since", Modified)]
    public async Task What_the_client_has_already_is_304_without_a_body(string name, string value)
    {
        await World.PutAsync("/bucket/cached", "hello", ("Cache-Control", "max-age=9"));
        var answer = await World.GetAsync("/bucket/cached", (name, value));
        answer.Status.ShouldBe(304);
        answer.Body.ShouldBeEmpty();
        answer["ETag"].ShouldBe(HelloMd5);
        answer["Last-Modified"].ShouldBe(Modified);
        answer["Cache-Control"].ShouldBe("max-age=9");
        answer["Content-Type"].ShouldBeNull();
    }

    [Theory]
    [InlineData("If-Match", "\"x\"", "If-Match")]
    [InlineData("If-Unmodified-Since", "Mon, 23 Nov 2026 11:59:59 GMT", "If-Unmodified-Since")]
    public async Task What_changed_is_412(string name, string value, string condition)
    {
        var answer = await World.GetAsync("/bucket/key", (name, value));
        answer.Status.ShouldBe(412);
        answer.Code.ShouldBe("PreconditionFailed");
        answer.Value("Condition").ShouldBe(condition);
    }

    [Fact]
    public async Task If_match_silences_if_unmodified_since()
    {
        var answer = await World.GetAsync(
            "/bucket/key", ("If-Match", HelloMd5), ("If-Unmodified-Since", "Mon, 23 Nov 2020 11:59:59 GMT"));
        answer.Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_absent_key_is_told_with_its_name()
    {
        var answer = await World.GetAsync("/bucket/no&such<key>");
        answer.Status.ShouldBe(404);
        answer["Content-Type"].ShouldBe("application/xml");
        answer.Code.ShouldBe("NoSuchKey");
        answer.Value("Key").ShouldBe("no&such<key>");
        answer.Value("Resource").ShouldBe("/bucket/no%26such%3Ckey%3E");
        answer.Value("RequestId").ShouldBe(answer["x-amz-request-id"]);
        answer.Value("HostId").ShouldBe(answer["x-amz-id-2"]);
    }

    [Fact]
    public async Task An_absent_bucket_is_another_error() =>
        (await World.GetAsync("/nowhere/key")).Code.ShouldBe("NoSuchBucket");

    [Fact]
    public async Task Response_parameters_override_what_is_stored()
    {
        var answer = await World.QueryAsync(
            "/bucket/key",
            ("response-content-type", "text/css"),
            ("response-content-disposition", "attachment; filename=a.txt"),
            ("response-cache-control", "no-store"),
            ("response-expires", "0"),
            ("response-content-language", "fr"),
            ("response-content-encoding", "br"));
        answer["Content-Type"].ShouldBe("text/css");
        answer["Content-Disposition"].ShouldBe("attachment; filename=a.txt");
        answer["Cache-Control"].ShouldBe("no-store");
        answer["Expires"].ShouldBe("0");
        answer["Content-Language"].ShouldBe("fr");
        answer["Content-Encoding"].ShouldBe("br");
    }

    [Fact]
    public async Task An_override_cannot_smuggle_a_header()
    {
        var answer = await World.QueryAsync("/bucket/key", ("response-content-type", "a\r\nx-evil: 1"));
        answer.Status.ShouldBe(400);
        answer["x-evil"].ShouldBeNull();
    }

    [Fact]
    public async Task An_empty_object_is_200_with_length_zero()
    {
        await World.PutAsync("/bucket/empty", "");
        var answer = await World.GetAsync("/bucket/empty");
        answer.Status.ShouldBe(200);
        answer["Content-Length"].ShouldBe("0");
        (await World.GetAsync("/bucket/empty", ("Range", "bytes=0-0"))).Status.ShouldBe(416);
    }

    [Fact]
    public async Task A_large_object_streams_whole_and_its_reader_is_closed()
    {
        var content = new string('a', 1_000_000) + "end";
        await World.PutAsync("/bucket/large", content);
        var answer = await World.GetAsync("/bucket/large");
        answer.Text.ShouldBe(content);
        World.Store.OpenReaders.ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_that_fails_before_the_first_byte_is_an_error_document()
    {
        World.Store.ReadFailsAfter = 0;
        var answer = await World.GetAsync("/bucket/key");
        answer.Status.ShouldBe(500);
        answer.Code.ShouldBe("InternalError");
        answer.Text.ShouldNotContain("replicas");
        World.Log.ShouldContain(line => line.StartsWith("Error 7001", StringComparison.Ordinal));
        World.Store.OpenReaders.ShouldBe(0);
    }

    [Fact]
    public async Task A_reader_that_fails_half_way_cuts_the_connection()
    {
        await World.PutAsync("/bucket/large", new string('a', 1_000_000));
        World.Store.ReadFailsAfter = 300_000;
        var answer = await World.GetAsync("/bucket/large");
        answer.Status.ShouldBe(200);
        answer.IsWhole.ShouldBeFalse();
        answer.Text.ShouldNotContain("<Error>");
        World.Log.ShouldContain(line => line.StartsWith("Warning 7002", StringComparison.Ordinal));
        World.Store.OpenReaders.ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_leaves_half_way_frees_its_reader()
    {
        World.Store.Replace(new ObjectPath("bucket", "huge"u8.ToArray()), new string('a', 64 << 20));
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(World.Address);
            await client.GetStream().WriteAsync(World.Signed("GET", "/bucket/huge"));
            await client.GetStream().ReadExactlyAsync(new byte[1000]);
            World.Store.OpenReaders.ShouldBe(1);
        }

        // The server learns of it when its next write fails; other requests give it the time.
        for (var turn = 0; turn < 2000 && World.Store.OpenReaders > 0; turn++)
        {
            await World.HeadAsync("/bucket/key");
        }

        World.Store.OpenReaders.ShouldBe(0);
        lock (World.Log)
        {
            World.Log.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_plain_object_is_its_own_first_part()
    {
        var answer = await World.QueryAsync("/bucket/key", ("partNumber", "1"));
        answer.Status.ShouldBe(206);
        answer.Text.ShouldBe("hello");
        answer["Content-Range"].ShouldBe("bytes 0-4/5");
        answer["x-amz-mp-parts-count"].ShouldBeNull();
        var beyond = await World.QueryAsync("/bucket/key", ("partNumber", "2"));
        beyond.Status.ShouldBe(416);
        beyond.Code.ShouldBe("InvalidPartNumber");
        (await World.QueryAsync("/bucket/key", ("partNumber", "0"))).Code.ShouldBe("InvalidArgument");
    }

    [Fact]
    public async Task A_part_and_a_range_cannot_both_be_asked_for()
    {
        var answer = await World.SendAsync("GET", "/bucket/key", [("partNumber", "1")], [("Range", "bytes=0-1")]);
        answer.Code.ShouldBe("InvalidRequest");
    }

    [Fact]
    public async Task Errors_below_are_mapped()
    {
        World.Store.Fault = ObjectError.Busy;
        var answer = await World.GetAsync("/bucket/key");
        answer.Status.ShouldBe(503);
        answer.Code.ShouldBe("SlowDown");
        answer["Retry-After"].ShouldBe("1");
    }

    private protected override async Task PrepareAsync()
    {
        await base.PrepareAsync();
        await World.PutAsync("/bucket/key", "hello");
    }
}
