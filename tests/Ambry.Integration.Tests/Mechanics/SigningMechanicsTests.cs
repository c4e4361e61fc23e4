using System.Security.Cryptography;
using System.Text;
using Ambry.Integration.Tests.Support;
using Ambry.S3.Requests;
using Ambry.Tests.S3.Auth;

namespace Ambry.Integration.Tests.Mechanics;

/// <summary>What clients and proxies do to signed requests.</summary>
public sealed class SigningMechanicsTests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    [Fact]
    public async Task Mechanic_10_a_checksum_baked_into_a_presigned_url_is_not_of_the_body()
    {
        var body = TestContent.Text("from a browser");
        var url = Signer.Presign(
            "PUT",
            $"/{Bucket}/key",
            600,
            [("x-amz-checksum-crc32", "AAAAAA=="), ("x-amz-sdk-checksum-algorithm", "CRC32"), ("x-id", "PutObject")]);
        var put = await Client.SendAsync(url, body);
        put.Status.ShouldBe(200, put.Text);
        (await GetAsync("key")).Text.ShouldBe("from a browser");
    }

    [Fact]
    public async Task Mechanic_10_a_checksum_in_a_header_is_of_the_body_in_a_presigned_request_too()
    {
        (string, string)[] headers = [("x-amz-checksum-crc32", TestContent.Crc32([1]))];
        var url = Signer.Presign("PUT", $"/{Bucket}/key", 600, headers: headers);
        ShouldBeError(await Client.SendAsync(url, [2]), 400, "BadDigest");
        (await Client.SendAsync(url, [1])).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("x-amz-acl", "public-read")]
    [InlineData("x-amz-meta-a", "b")]
    [InlineData("x-amz-tagging", "a=b")]
    [InlineData("X-Amz-Server-Side-Encryption", "AES256")]
    public async Task Mechanic_11_an_amz_header_that_was_not_signed_is_refused(string name, string value)
    {
        foreach (var request in (S3Request[])
            [Client.Sign("PUT", $"/{Bucket}/key", body: [1]), Signer.Presign("PUT", $"/{Bucket}/key", 600)])
        {
            request.Headers.Add(name, value);
            var put = await Client.SendAsync(request, [1]);
            ShouldBeError(put, 403, "AccessDenied");
            put.Element("HeadersNotSigned").ShouldBe(name.ToLowerInvariant());
        }

        (await GetAsync("key")).Status.ShouldBe(404);
    }

    [Theory]
    [InlineData("x-amz-tagging")]
    [InlineData("x-amz-storage-class")]
    [InlineData("x-amz-acl")]
    [InlineData("x-amz-server-side-encryption")]
    [InlineData("x-amz-website-redirect-location")]
    [InlineData("Cache-Control")]
    public async Task Mechanic_22_an_empty_header_is_signed_as_sent_and_means_nothing(string name)
    {
        var put = await PutAsync("key", [1], (name, ""));
        put.Status.ShouldBe(200, put.Text);
        (await HeadAsync("key"))["Cache-Control"].ShouldBeNull();
    }

    [Fact]
    public async Task Mechanic_23_a_signed_accept_encoding_is_taken_as_it_arrives()
    {
        await PutAsync("key", TestContent.Text("plain"));
        var got = await GetAsync("key", ("Accept-Encoding", "identity"));
        got.Status.ShouldBe(200);
        got["Content-Encoding"].ShouldBeNull();
        var altered = Client.Sign("GET", $"/{Bucket}/key", headers: [("Accept-Encoding", "identity")]);
        var fields = new S3Headers();
        foreach (var field in altered.Headers.Fields)
        {
            fields.Add(field.Key, field.Key == "Accept-Encoding" ? "gzip, br" : field.Value);
        }

        ShouldBeError(await Client.SendAsync(altered with { Headers = fields }), 403, "SignatureDoesNotMatch");
        var unsigned = Client.Sign("GET", $"/{Bucket}/key");
        unsigned.Headers.Add("Accept-Encoding", "gzip");
        (await Client.SendAsync(unsigned)).Text.ShouldBe("plain");
    }

    [Fact]
    public async Task Mechanic_20_a_signature_for_another_region_learns_the_right_one()
    {
        var signer = new RequestSigner(
            AmbryProcess.AccessKey, AmbryProcess.SecretKey, "eu-central-1", TimeProvider.System.GetUtcNow())
        {
            Host = Client.Host,
        };
        var refused = await Client.SendAsync(signer.SignHeader("GET", $"/{Bucket}"));
        ShouldBeError(refused, 400, "AuthorizationHeaderMalformed");
        refused.Element("Region").ShouldBe("us-east-1");
        refused["x-amz-bucket-region"].ShouldBe("us-east-1");
    }

    [Fact]
    public async Task Mechanic_03_the_url_of_another_key_or_method_opens_nothing()
    {
        await PutAsync("secret", TestContent.Text("secret"));
        var url = Signer.Presign("GET", $"/{Bucket}/public", 600);
        var other = url.Target.Replace("/public", "/secret", StringComparison.Ordinal);
        ShouldBeError(await Client.SendAsync(url with { Target = other }), 403, "SignatureDoesNotMatch");
        ShouldBeError(await Client.SendAsync(url with { Method = "DELETE" }), 403, "SignatureDoesNotMatch");
        (await Client.SendAsync(Signer.Presign("GET", $"/{Bucket}/secret", 600))).Text.ShouldBe("secret");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_url_presigned_with_version_two_opens_its_object_and_no_other(bool isVirtualHost)
    {
        await PutAsync("a key", TestContent.Text("old"));
        await PutAsync("b key", TestContent.Text("secret"));
        var url = PresignOld("GET", "a%20key", TimeSpan.FromMinutes(10), isVirtualHost);
        (await Client.SendAsync(url)).Text.ShouldBe("old");
        var other = url.Target.Replace("a%20key", "b%20key", StringComparison.Ordinal);
        ShouldBeError(await Client.SendAsync(url with { Target = other }), 403, "SignatureDoesNotMatch");
        var expired = PresignOld("GET", "a%20key", TimeSpan.FromMinutes(-1), isVirtualHost);
        var refused = await Client.SendAsync(expired);
        ShouldBeError(refused, 403, "AccessDenied");
        refused.Element("Message").ShouldBe("Request has expired");
        var put = PresignOld("PUT", "c", TimeSpan.FromMinutes(10), isVirtualHost);
        (await Client.SendAsync(put, TestContent.Text("put by url"))).Status.ShouldBe(200);
        (await GetAsync("c")).Text.ShouldBe("put by url");
    }

    private S3Request PresignOld(string method, string rawKey, TimeSpan life, bool isVirtualHost)
    {
        var expires = (TimeProvider.System.GetUtcNow() + life).ToUnixTimeSeconds();
        var text = $"{method}\n\n\n{expires}\n/{Bucket}/{rawKey}";
        var signature = Convert.ToBase64String(
            HMACSHA1.HashData(Encoding.UTF8.GetBytes(AmbryProcess.SecretKey), Encoding.UTF8.GetBytes(text)));
        var query = $"?AWSAccessKeyId={AmbryProcess.AccessKey}&Expires={expires}"
            + $"&Signature={Uri.EscapeDataString(signature)}";
        return isVirtualHost
            ? new S3Request(method, $"/{rawKey}{query}", $"{Bucket}.{AmbryProcess.Domain}", new S3Headers())
            : new S3Request(method, $"/{Bucket}/{rawKey}{query}", Client.Host, new S3Headers());
    }
}
