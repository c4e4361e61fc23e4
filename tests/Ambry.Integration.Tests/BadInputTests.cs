using System.Text;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests;

/// <summary>What no client should send: refused, nothing stored, and the next request served.</summary>
public sealed class BadInputTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task A_key_has_at_most_1024_bytes()
    {
        var longest = new string('k', 1024);
        (await PutAsync(longest, [1])).Status.ShouldBe(200);
        (await GetAsync(longest)).Status.ShouldBe(200);
        ShouldBeError(await PutAsync(longest + "k", [1]), 400, "KeyTooLongError");
        ShouldBeError(await PutAsync(new string('\u00fc', 513), [1]), 400, "KeyTooLongError");
        (await PutAsync(new string('\u00fc', 512), [1])).Status.ShouldBe(200);
        ShouldBeError(await CopyAsync($"/{Bucket}/{longest}k", "copy"), 400, "KeyTooLongError");
        (await KeysAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Metadata_has_at_most_two_kibibytes()
    {
        var fits = new string('v', (2 * 1024) - 4);
        (await PutAsync("fits", [1], ("x-amz-meta-name", fits))).Status.ShouldBe(200);
        (await HeadAsync("fits"))["x-amz-meta-name"].ShouldBe(fits);
        ShouldBeError(await PutAsync("above", [1], ("x-amz-meta-name", fits + "v")), 400, "MetadataTooLarge");
        ShouldBeError(
            await Client.SendAsync(
                "POST", $"/{Bucket}/above", [("uploads", "")], [("x-amz-meta-name", fits + "v")]),
            400,
            "MetadataTooLarge");
        (await KeysAsync()).ShouldBe(["fits"]);
    }

    [Fact]
    public async Task Headers_are_bounded_one_by_one_and_together()
    {
        var tooLong = new string('h', 17 * 1024);
        ShouldBeError(await GetAsync("key", ("x-long", tooLong)), 400, "RequestHeaderSectionTooLarge");
        var many = Enumerable.Range(0, 90).Select(number => ($"x-{number}", new string('h', 200))).ToArray();
        ShouldBeError(await GetAsync("key", many), 400, "RequestHeaderSectionTooLarge");
        (await RefusedAsync($"GET / HTTP/1.1\r\nHost: h\r\nx: {new string('h', 70_000)}\r\n\r\n")).ShouldBe(431);
        var headers = string.Concat(Enumerable.Range(0, 1_200).Select(number => $"x-{number}: h\r\n"));
        (await RefusedAsync($"GET / HTTP/1.1\r\nHost: h\r\n{headers}\r\n")).ShouldBe(431);
        (await RefusedAsync($"GET /{new string('p', 45_000)} HTTP/1.1\r\nHost: h\r\n\r\n")).ShouldBe(414);
        await StillServesAsync();
    }

    [Theory]
    [InlineData("/b%")]
    [InlineData("/b%2")]
    [InlineData("/%zz")]
    [InlineData("/%u0041")]
    [InlineData("/%ff")]
    [InlineData("/%c3%28")]
    [InlineData("/%ed%a0%80")]
    [InlineData("/%c0%af")]
    [InlineData("/%f4%90%80%80")]
    public async Task An_escape_that_is_none_or_no_utf8_is_an_invalid_uri(string path)
    {
        var request = Client.Sign("PUT", $"/{Bucket}/x", body: [1]) with { Target = $"/{Bucket}{path}" };
        ShouldBeError(await Client.SendAsync(request, [1]), 400, "InvalidURI");
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Control_characters_are_part_of_a_key_and_listings_stay_readable()
    {
        var keys = Enumerable.Range(1, 0x1f).Append(0x7f).Select(code => $"k{(char)code}k").Append("k\uffffk").ToList();
        foreach (var key in keys)
        {
            (await PutAsync(key, TestContent.Text(key))).Status.ShouldBe(200, Uri.EscapeDataString(key));
            (await GetAsync(key)).Text.ShouldBe(key);
        }

        var listed = await ListAsync(("encoding-type", "url"));
        listed.Values("Key").Select(Uri.UnescapeDataString).Order(StringComparer.Ordinal)
            .ShouldBe(keys.Order(StringComparer.Ordinal));
        (await ListAsync()).Status.ShouldBe(200);
        ShouldBeError(await GetAsync("not\u0001there"), 404, "NoSuchKey");
        foreach (var key in keys)
        {
            (await DeleteAsync(key)).Status.ShouldBe(204);
        }

        (await KeysAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_with_a_zero_byte_is_refused()
    {
        (await PutAsync("a\0b", [1])).Status.ShouldBe(400);
        (await GetAsync("a\0b")).Status.ShouldBe(400);
        ShouldBeError(await CopyAsync($"/{Bucket}/a%00b", "copy"), 404, "NoSuchKey");
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=--1")]
    [InlineData("bytes=-")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0x1-0x2")]
    [InlineData("bytes=0-1,2-3")]
    [InlineData("bytes=0-4,2-6")]
    [InlineData("lines=0-1")]
    [InlineData("bytes 0-1")]
    [InlineData("bytes=1-2-3")]
    public async Task A_range_that_means_nothing_is_the_whole(string range)
    {
        await PutAsync("key", TestContent.Text("0123456789"));
        var got = await GetAsync("key", ("Range", range));
        got.Status.ShouldBe(200);
        got.Text.ShouldBe("0123456789");
        got["Content-Range"].ShouldBeNull();
    }

    [Theory]
    [InlineData("<!DOCTYPE x[<!ENTITY a \"aa\"><!ENTITY b \"&a;\">]><Delete><Object><Key>&b;</Key></Object></Delete>")]
    [InlineData("<!DOCTYPE x[<!ENTITY f SYSTEM \"file:/etc/hosts\">]><Delete><Object><Key>&f;</Key></Object></Delete>")]
    [InlineData("<!DOCTYPE Delete SYSTEM \"http://127.0.0.1:1/x.dtd\"><Delete><Object><Key>a</Key></Object></Delete>")]
    [InlineData("<Delete><Object><Key>a</Key></Object></Delete><Delete/>")]
    [InlineData("<Delete><Object><Key>a</Kez></Object></Delete>")]
    [InlineData("<Delete><Object><Key>&undefined;</Key></Object></Delete>")]
    [InlineData("<Other><Object><Key>a</Key></Object></Other>")]
    [InlineData("{\"Delete\": []}")]
    public async Task A_document_that_is_a_trap_or_none_is_malformed(string document)
    {
        await PutAsync("a", [1]);
        ShouldBeError(await SendDocumentAsync(document), 400, "MalformedXML");
        (await KeysAsync()).ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_document_is_bounded_in_depth_and_size()
    {
        var deep = string.Concat(Enumerable.Repeat("<x>", 20_000)) + string.Concat(Enumerable.Repeat("</x>", 20_000));
        ShouldBeError(await SendDocumentAsync($"<Delete>{deep}</Delete>"), 400, "MalformedXML");
        var large = $"<Delete>{new string(' ', 3 * 1024 * 1024)}</Delete>";
        ShouldBeError(await SendDocumentAsync(large), 400, "MaxMessageLengthExceeded");
        var uploadId = await CreateUploadAsync("key");
        var parts = Enumerable.Range(1, 10_001).Select(number => (number, "00000000000000000000000000000000", ""));
        ShouldBeError(await CompleteAsync("key", uploadId, Document([.. parts])), 400, "MalformedXML");
        (await CompleteAsync("key", uploadId, Document([.. parts.Take(10_000)]))).Code.ShouldBe("InvalidPart");
        await StillServesAsync();
    }

    [Theory]
    [InlineData("zz\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5hello\r\n0\r\n\r\n")]
    [InlineData("5\nhello\n0\n\n")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    [InlineData("4\r\nhell\r\n0\r\n\r\n")]
    [InlineData("6\r\nhello!\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n")]
    [InlineData("5\r\nhello\r\n0\r\n\r\nmore")]
    [InlineData("5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n")]
    [InlineData("ffffffffffffffff\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")]
    [InlineData("")]
    public async Task A_broken_frame_stores_nothing(string framed)
    {
        (string, string)[] headers = [("x-amz-decoded-content-length", "5"), ("Content-Encoding", "aws-chunked")];
        var request = Client.Sign(
            "PUT", $"/{Bucket}/key", headers: headers, payloadHash: "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        var answer = await Client.SendAsync(request, Encoding.ASCII.GetBytes(framed));
        answer.Status.ShouldBeOneOf(400, 403);
        answer.Code.ShouldBeOneOf("IncompleteBody", "InvalidChunkSizeError", "MalformedTrailerError");
        (await KeysAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(TestContent.Chunk - 1)]
    [InlineData(TestContent.Chunk + 1)]
    public async Task A_body_that_ends_early_leaves_what_was_there(int sent)
    {
        await PutAsync("key", TestContent.Text("old"));
        var body = TestContent.Bytes(1, sent);
        var uploadId = await CreateUploadAsync("parts");
        foreach (var isPart in (bool[])[false, true])
        {
            var request = isPart
                ? Client.Sign("PUT", $"/{Bucket}/parts", Part(uploadId, 1), payloadHash: "UNSIGNED-PAYLOAD")
                : Client.Sign("PUT", $"/{Bucket}/key", payloadHash: "UNSIGNED-PAYLOAD");
            foreach (var isOrderly in (bool[])[false, true])
            {
                await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
                await connection.SendAsync(SignedClient.Head(request, sent + 100_000));
                await connection.SendAsync(body);
                if (isOrderly)
                {
                    connection.FinishSending();
                    (await connection.ReadToEndAsync()).ShouldNotStartWith("HTTP/1.1 200");
                }
                else
                {
                    connection.Abort();
                }
            }
        }

        (await GetAsync("key")).Text.ShouldBe("old");
        (await KeysAsync()).ShouldBe(["key"]);
        (await Client.SendAsync("GET", $"/{Bucket}/parts", [("uploadId", uploadId)]))
            .Values("PartNumber").ShouldBeEmpty();
    }

    [Fact]
    public async Task Garbage_on_the_wire_harms_nobody()
    {
        const int Seed = 20_264;
        var random = new Random(Seed);
        for (var round = 0; round < 200; round++)
        {
            var garbage = new byte[random.Next(1, 2000)];
            random.NextBytes(garbage);
            if (round % 2 == 0)
            {
                // The other half is a good request with a few bytes changed, which gets further.
                garbage = Encoding.UTF8.GetBytes(
                    SignedClient.Head(Client.Sign("PUT", $"/{Bucket}/key", body: [1]), 1) + "\u0001");
                for (var change = random.Next(1, 4); change > 0; change--)
                {
                    garbage[random.Next(garbage.Length)] = (byte)random.Next(256);
                }
            }

            await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
            await connection.SendAsync(garbage);
            connection.FinishSending();
            var answer = await connection.ReadToEndAsync();
            (answer.Length == 0 || answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal))
                .ShouldBeTrue($"seed {Seed}, round {round}: {answer}");

            // 501 and 505 are true answers to a changed method or version; 500 and 503 would be faults of ours.
            answer.ShouldNotStartWith("HTTP/1.1 500", Case.Sensitive, $"seed {Seed}, round {round}");
            answer.ShouldNotStartWith("HTTP/1.1 503", Case.Sensitive, $"seed {Seed}, round {round}");
        }

        await StillServesAsync();
    }

    [Theory]
    [InlineData("PUT", "x-amz-server-side-encryption", "AES256", 501, "NotImplemented")]
    [InlineData("PUT", "x-amz-tagging", "a=b", 501, "NotImplemented")]
    [InlineData("PUT", "x-amz-storage-class", "GLACIER", 400, "InvalidStorageClass")]
    [InlineData("PUT", "x-amz-expected-bucket-owner", "123456789012", 403, "AccessDenied")]
    [InlineData("GET", "x-amz-server-side-encryption-customer-algorithm", "AES256", 400, "InvalidRequest")]
    public async Task A_promise_that_cannot_be_kept_is_refused(
        string method, string name, string value, int status, string code)
    {
        await PutAsync("there", [1]);
        ShouldBeError(
            await Client.SendAsync(
                method, $"/{Bucket}/there", headers: [(name, value)], body: method == "PUT" ? [2] : null),
            status,
            code);
        (await GetAsync("there")).Body.ShouldBe([1]);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 6\r\n")]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: 99999999999999999999\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    public async Task Framing_of_the_request_that_could_smuggle_another_is_refused(string framing)
    {
        var head = SignedClient.Head(Client.Sign("PUT", $"/{Bucket}/key", payloadHash: "UNSIGNED-PAYLOAD"), null);
        var status = await RefusedAsync(head[..^2] + framing + "\r\nhello");
        status.ShouldBeInRange(400, 501);
        (await KeysAsync()).ShouldBeEmpty();
    }

    private async Task<int> RefusedAsync(string request)
    {
        await using var connection = await RawConnection.OpenAsync(Fixture.Ambry);
        await connection.SendAsync(request);
        return (await connection.ReceiveAsync()).Status;
    }

    private async Task StillServesAsync()
    {
        (await PutAsync("still", TestContent.Text("serves"))).Status.ShouldBe(200);
        (await GetAsync("still")).Text.ShouldBe("serves");
    }

    private Task<RawResponse> SendDocumentAsync(string document)
    {
        var body = TestContent.Text(document);
        return Client.SendAsync(
            "POST", $"/{Bucket}", [("delete", "")], [("Content-MD5", TestContent.Md5Base64(body))], body);
    }
}
