using Ambry.S3.Conditions;
using Ambry.S3.Errors;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class CopySourceTests
{
    [Theory]
    [InlineData("bucket/key", "key")]
    [InlineData("/bucket/key", "key")]
    [InlineData("bucket/a/b", "a/b")]
    [InlineData("bucket%2Fa%2Fb", "a/b")]
    [InlineData("%2Fbucket/key", "key")]
    [InlineData("bucket//key", "/key")]
    [InlineData("bucket/../x", "../x")]
    [InlineData("bucket/a+b", "a+b")]
    [InlineData("bucket/a%2Bb", "a+b")]
    [InlineData("bucket/a b", "a b")]
    [InlineData("bucket/a%252Fb", "a%2Fb")]
    [InlineData("bucket/%C3%A9", "é")]
    [InlineData("bucket/é", "é")]
    [InlineData("bucket/key?versionId=null", "key")]
    [InlineData("bucket/a%3FversionId=1", "a?versionId=1")]
    [InlineData("bucket/a?b", "a?b")]
    public void A_source_is_unescaped_once_and_not_normalised(string value, string key)
    {
        var source = CopySource.Parse(value);

        source.Bucket.ShouldBe("bucket");
        source.KeyText.ShouldBe(key);
    }

    [Theory]
    [InlineData("", "InvalidArgument")]
    [InlineData("/", "InvalidArgument")]
    [InlineData("bucket", "InvalidArgument")]
    [InlineData("bucket/", "InvalidArgument")]
    [InlineData("//key", "InvalidArgument")]
    [InlineData("bucket/%zz", "InvalidArgument")]
    [InlineData("bucket/%FF", "InvalidArgument")]
    [InlineData("bucket/key?versionId=", "InvalidArgument")]
    [InlineData("bucket/key?versionId=abc", "NoSuchVersion")]
    [InlineData("arn:aws:s3:eu-west-1:1:accesspoint/x/object/key", "NotImplemented")]
    public void A_source_that_names_nothing_is_refused(string value, string code) =>
        Should.Throw<S3Exception>(() => CopySource.Parse(value)).Error.Code.ShouldBe(code);

    [Fact]
    public void A_key_that_is_too_long_is_refused() =>
        Should.Throw<S3Exception>(() => CopySource.Parse("bucket/" + new string('k', 1025)))
            .Error.ShouldBe(S3Errors.KeyTooLongError);
}
