using Ambry.S3.Errors;
using Ambry.S3.Operations;
using Ambry.S3.Requests;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class UnsupportedHeadersTests
{
    [Theory]
    [InlineData("PUT", "/b/k", "x-amz-server-side-encryption", "AES256", "NotImplemented")]
    [InlineData("PUT", "/b/k", "X-Amz-Server-Side-Encryption-Customer-Key", "x", "NotImplemented")]
    [InlineData("POST", "/b/k?uploads", "x-amz-server-side-encryption", "aws:kms", "NotImplemented")]
    [InlineData("PUT", "/b/k?uploadId=u&partNumber=1", "x-amz-server-side-encryption-context", "x", "NotImplemented")]
    [InlineData("GET", "/b/k", "x-amz-server-side-encryption-customer-key", "x", "InvalidRequest")]
    [InlineData("PUT", "/b/k", "x-amz-object-lock-mode", "GOVERNANCE", "InvalidRequest")]
    [InlineData("PUT", "/b/k", "x-amz-object-lock-legal-hold", "ON", "InvalidRequest")]
    [InlineData("PUT", "/b/k", "x-amz-write-offset-bytes", "0", "NotImplemented")]
    [InlineData("PUT", "/b/k", "x-amz-tagging", "a=b", "NotImplemented")]
    [InlineData("PUT", "/b/k", "x-amz-website-redirect-location", "/x", "NotImplemented")]
    [InlineData("PUT", "/b/k", "x-amz-storage-class", "GLACIER", "InvalidStorageClass")]
    [InlineData("PUT", "/b/k", "x-amz-acl", "public-read", "AccessControlListNotSupported")]
    [InlineData("PUT", "/b", "x-amz-acl", "public-read-write", "AccessControlListNotSupported")]
    [InlineData("PUT", "/b/k", "x-amz-acl", "nonsense", "InvalidArgument")]
    [InlineData("PUT", "/b/k", "x-amz-grant-read", "id=1", "AccessControlListNotSupported")]
    [InlineData("PUT", "/b", "x-amz-bucket-object-lock-enabled", "true", "NotImplemented")]
    [InlineData("PUT", "/b", "x-amz-object-ownership", "ObjectWriter", "NotImplemented")]
    [InlineData("PUT", "/b", "x-amz-bucket-namespace", "account-regional", "NotImplemented")]
    [InlineData("DELETE", "/b/k", "If-None-Match", "*", "NotImplemented")]
    [InlineData("DELETE", "/b/k", "x-amz-if-match-size", "1", "NotImplemented")]
    [InlineData("DELETE", "/b/k?uploadId=u", "x-amz-if-match-initiated-time", "x", "NotImplemented")]
    public void A_header_that_asks_for_more_than_is_built_is_refused(
        string method, string target, string name, string value, string code)
    {
        var error = Should.Throw<S3Exception>(() => Check(S3Requests.Head(method, target, (name, value))));

        error.Error.Code.ShouldBe(code);
        error.Extras.ShouldContain(new KeyValuePair<string, string>("ArgumentName", name.ToLowerInvariant()));
    }

    [Theory]
    [InlineData("PUT", "/b/k", "x-amz-acl", "private")]
    [InlineData("PUT", "/b/k", "x-amz-acl", "bucket-owner-full-control")]
    [InlineData("PUT", "/b/k", "x-amz-storage-class", "STANDARD")]
    [InlineData("PUT", "/b/k", "x-amz-tagging", "")]
    [InlineData("PUT", "/b", "x-amz-object-ownership", "BucketOwnerEnforced")]
    [InlineData("PUT", "/b", "x-amz-bucket-object-lock-enabled", "false")]
    [InlineData("GET", "/b/k", "x-amz-acl", "public-read")]
    [InlineData("PUT", "/b/k", "x-amz-checksum-crc32", "AAAAAA==")]
    [InlineData("PUT", "/b/k", "x-amz-sdk-checksum-algorithm", "CRC32")]
    [InlineData("PUT", "/b/k", "x-amz-meta-tagging", "a=b")]
    public void A_header_that_asks_for_nothing_special_passes(
        string method, string target, string name, string value) =>
        Should.NotThrow(() => Check(S3Requests.Head(method, target, (name, value))));

    [Fact]
    public void A_presigned_url_that_carries_the_header_as_a_parameter_is_refused_too() =>
        Should.Throw<S3Exception>(() => Check(S3Requests.Head("PUT", "/b/k?x-amz-tagging=a%3Db")))
            .Error.ShouldBe(S3Errors.NotImplemented);

    [Theory]
    [InlineData("GET", "abc", "NoSuchVersion")]
    [InlineData("HEAD", "abc", "NoSuchVersion")]
    [InlineData("DELETE", "abc", "NoSuchVersion")]
    [InlineData("GET", "", "InvalidArgument")]
    [InlineData("PUT", "abc", "InvalidArgument")]
    [InlineData("PUT", "null", "InvalidArgument")]
    public void A_version_that_cannot_exist_is_not_the_current_one(string method, string versionId, string code) =>
        Should.Throw<S3Exception>(() => Check(S3Requests.Head(method, "/b/k?versionId=" + versionId)))
            .Error.Code.ShouldBe(code);

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("DELETE")]
    public void The_null_version_is_the_current_one(string method) =>
        Should.NotThrow(() => Check(S3Requests.Head(method, "/b/k?versionId=null")));

    private static void Check(S3Request request)
    {
        var target = S3Target.Parse(request, []);
        UnsupportedHeaders.Check(S3OperationTable.Resolve(request, target), request, target);
    }
}
