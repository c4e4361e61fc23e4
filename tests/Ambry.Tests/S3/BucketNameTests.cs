using Ambry.S3.Errors;
using Ambry.S3.Names;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class BucketNameTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("my-bucket.2026")]
    [InlineData("1.2.3")]
    [InlineData("1.2.3.4.5")]
    [InlineData("a-.b")]
    [InlineData("0aa")]
    [InlineData("xn-a")]
    public void A_name_that_keeps_the_rules_is_valid(string name) => BucketName.IsValid(name).ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("Abc")]
    [InlineData("a_b")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("é-bucket")]
    [InlineData("-abc")]
    [InlineData("abc-")]
    [InlineData(".abc")]
    [InlineData("abc.")]
    [InlineData("a..b")]
    [InlineData("192.168.5.4")]
    [InlineData("999.999.999.999")]
    [InlineData("xn--abc")]
    [InlineData("sthree-abc")]
    [InlineData("amzn-s3-demo-abc")]
    [InlineData("abc-s3alias")]
    [InlineData("abc--ol-s3")]
    [InlineData("abc.mrap")]
    [InlineData("abc--x-s3")]
    [InlineData("abc--table-s3")]
    public void A_name_that_breaks_a_rule_is_refused(string name) =>
        Should.Throw<S3Exception>(() => BucketName.Validate(name)).Error.ShouldBe(S3Errors.InvalidBucketName);

    [Theory]
    [InlineData(3, true)]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public void The_length_has_bounds(int length, bool valid) =>
        BucketName.IsValid(new string('a', length)).ShouldBe(valid);
}
