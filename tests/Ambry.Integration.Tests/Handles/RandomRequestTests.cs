using Ambry.Host.Handles;
using Xunit.Abstractions;

namespace Ambry.Integration.Tests.Handles;

/// <summary>
/// Whatever comes, the answer is one of the API's own: no defect, no hang, and a reason for each refusal.
/// </summary>
public sealed class RandomRequestTests(ITestOutputHelper output) : HandleTest
{
    private const int Requests = 600;

    private static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH", "ODD"];

    private static readonly string[] Names =
    [
        "x-ambry-service-id", "x-ambry-content-type", "x-ambry-ttl", "x-ambry-private", "x-ambry-owner-id",
        "x-ambry-filename", "x-ambry-um-a", "x-ambry-um-", "x-ambry-blob-size", "x-ambry-blob-id", "x-ambry-get-option",
        "x-ambry-chunk-upload", "x-ambry-session", "x-ambry-url-type", "x-ambry-url-ttl-secs", "x-ambry-expiry",
        "x-ambry-max-upload-size", "x-ambry-target-account-name", "x-ambry-target-container-name", "x-ambry-signature",
        "Range", "If-Modified-Since", "If-Range", "Origin",
    ];

    private static readonly string[] Values =
    [
        "", " ", "0", "1", "-1", "3", "9223372036854775807", "9223372036854775808", "true", "false", "GET", "POST",
        "photos", "public", "bytes=0-", "bytes=-1", "bytes=9-2", "Include_All", "Mon, 23 Nov 2026 12:00:00 GMT", "a/b",
        "\u00E4\u00FF", "%00", "../..", "text/html",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Any_request_gets_an_answer_of_the_api(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string path = await World.StoreAsync([1, 2, 3]);
        string chunk = await World.StoreAsync([1], ("x-ambry-chunk-upload", "true"), ("x-ambry-session", "s"));
        string[] targets =
        [
            "/", path, path + "/BlobInfo", path + "/UserMetadata", path + "/", path + "x", chunk, chunk + "A",
            "/stitch", "/signedUrl", "/updateTtl", "/undelete", "/healthCheck", "/signedId/", "/BlobInfo", "/x?y=z",
            "/%2F%00", path + "?x-ambry-signature=AAAA", path + "?x-ambry-ttl=1&x-ambry-ttl=2",
        ];
        for (int i = 0; i < Requests; i++)
        {
            string method = Pick(random, Methods);
            string target = Pick(random, targets);
            (string Name, string Value)[] headers =
            [
                .. Enumerable.Range(0, random.Next(6))
                    .Select(_ => (Name: Pick(random, Names), Value: Pick(random, [path, .. Values])))
                    .DistinctBy(h => h.Name),
            ];
            headers = random.Next(2) == 0 ? HandleWorld.Required(headers) : headers;
            byte[]? body = method is "GET" or "HEAD" ? null : HandleWorld.Bytes(random.Next(5), i);
            string request = $"{i}: {method} {target} {string.Join(", ", headers)}";
            var answer = await World.SendAsync(method, target, body, headers);
            answer.Status.ShouldBeLessThan(500, request);
            (answer.Reason is null).ShouldBe(answer.Status < 400 || answer["x-ambry-request-id"] is null, request);
        }

        World.Log.ShouldNotContain(l => l.StartsWith("Error", StringComparison.Ordinal));
        (await World.GetAsync("/healthCheck")).Text.ShouldBe("GOOD");
    }

    [Theory]
    [InlineData(3)]
    public void Any_text_is_a_signed_chunk_of_ours_or_none(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var keys = new HandleKeys(HandleWorld.Key);
        for (int i = 0; i < 20_000; i++)
        {
            char[] text = new char[random.Next(200)];
            for (int at = 0; at < text.Length; at++)
            {
                text[at] = (char)random.Next(random.Next(20) == 0 ? 0x10000 : 0x80);
            }

            SignedChunk.TryVerify(new string(text), keys).ShouldBeNull();
            byte[] bytes = HandleWorld.Bytes(random.Next(200), i);
            SignedChunk.TryVerify(System.Buffers.Text.Base64Url.EncodeToString(bytes), keys).ShouldBeNull();
        }
    }

    private static string Pick(Random random, string[] from) => from[random.Next(from.Length)];
}
