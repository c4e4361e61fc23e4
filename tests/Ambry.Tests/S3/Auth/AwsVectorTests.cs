using Ambry.S3.Auth;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3.Auth;

/// <summary>The examples of the S3 guide, with the signatures printed there.</summary>
public class AwsVectorTests
{
    private const string EmptyHash = RequestSigner.EmptyHash;
    private const string Date = "20130524T000000Z";
    private const string Credential =
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,";

    private readonly AuthWorld _world = new();

    [Fact]
    public void Get_with_a_range()
    {
        var authentication = _world.Verifier.Authenticate(AuthWorld.Request(
            "GET",
            "/test.txt",
            ("Authorization", Credential + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
            ("Range", "bytes=0-9"),
            ("x-amz-content-sha256", EmptyHash),
            ("x-amz-date", Date)));
        authentication.Credential.AccessKey.ShouldBe(AuthWorld.AccessKey);
        authentication.PayloadKind.ShouldBe(PayloadKind.SignedHash);
        authentication.IsPresigned.ShouldBeFalse();
        authentication.SignedHeaders.ShouldContain("Range");
    }

    [Fact]
    public void Put_with_the_old_date_header_and_a_dollar_in_the_key()
    {
        const string hash = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        _world.Verifier.Authenticate(AuthWorld.Request(
            "PUT",
            "/test$file.text",
            ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("Authorization", Credential
                + "SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,"
                + "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", hash),
            ("x-amz-date", Date))).PayloadHash.ShouldBe(hash);
    }

    [Theory]
    [InlineData("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    [InlineData("/?prefix=J&max-keys=2", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Get_of_a_bucket(string target, string signature) => _world.Verifier.Authenticate(AuthWorld.Request(
        "GET",
        target,
        ("Authorization", Credential + $"SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature={signature}"),
        ("x-amz-content-sha256", EmptyHash),
        ("x-amz-date", Date))).PayloadHash.ShouldBe(EmptyHash);

    [Fact]
    public void Presigned_get()
    {
        var authentication = _world.Verifier.Authenticate(AuthWorld.Request(
            "GET",
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"));
        authentication.IsPresigned.ShouldBeTrue();
        authentication.PayloadKind.ShouldBe(PayloadKind.Unsigned);
    }

    [Theory]
    [InlineData(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
            + "x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        PayloadKind.StreamingSigned)]
    [InlineData(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;"
            + "x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        PayloadKind.StreamingSignedTrailer)]
    public void Put_in_chunks(string payload, string signedHeaders, string signature, PayloadKind kind)
    {
        var request = AuthWorld.Request(
            "PUT",
            "/examplebucket/chunkObject.txt",
            ("x-amz-date", Date),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("Authorization", Credential + $"SignedHeaders={signedHeaders},Signature={signature}"),
            ("x-amz-content-sha256", payload),
            ("Content-Encoding", "aws-chunked"),
            ("x-amz-decoded-content-length", "66560"),
            ("Content-Length", "66824"));
        request = request with { Host = "s3.amazonaws.com" };
        if (kind == PayloadKind.StreamingSignedTrailer)
        {
            request = AuthWorld.With(request, "x-amz-trailer", "x-amz-checksum-crc32c");
        }

        _world.Verifier.Authenticate(request).PayloadKind.ShouldBe(kind);
    }
}
