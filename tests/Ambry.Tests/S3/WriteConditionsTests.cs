using Ambry.S3.Conditions;
using Ambry.S3.Errors;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class WriteConditionsTests
{
    [Theory]
    [InlineData("If-Match", "\"abc\"", "abc", null)]
    [InlineData("If-Match", "abc", "abc", null)]
    [InlineData("If-Match", "*", "*", null)]
    [InlineData("If-None-Match", "*", null, "*")]
    [InlineData("If-None-Match", "", null, null)]
    public void A_condition_is_read(string name, string value, string? match, string? noneMatch) =>
        WriteConditions.Parse(S3Requests.Headers((name, value))).ShouldBe(new WriteConditions(match, noneMatch));

    [Theory]
    [InlineData("If-None-Match", "\"abc\"")]
    [InlineData("If-Match", "W/\"abc\"")]
    [InlineData("If-Match", "\"a\", \"b\"")]
    [InlineData("If-Match", "a, b")]
    public void What_aws_does_not_implement_is_refused(string name, string value) =>
        Should.Throw<S3Exception>(() => WriteConditions.Parse(S3Requests.Headers((name, value))))
            .Error.ShouldBe(S3Errors.NotImplemented);

    [Fact]
    public void Both_headers_at_once_are_refused() =>
        Should.Throw<S3Exception>(() =>
            WriteConditions.Parse(S3Requests.Headers(("If-Match", "\"a\""), ("If-None-Match", "*"))));

    [Fact]
    public void No_header_is_no_condition() => WriteConditions.Parse(S3Requests.Headers()).IsEmpty.ShouldBeTrue();
}
