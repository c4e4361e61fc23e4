using Ambry.S3.Conditions;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class ReadConditionsTests
{
    private const string Earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
    private const string Same = "Sun, 06 Nov 1994 08:49:37 GMT";
    private const string Later = "Sun, 06 Nov 1994 08:49:38 GMT";

    // Half a second past: what a header cannot say must not count.
    private static readonly DateTimeOffset Modified = new(1994, 11, 6, 8, 49, 37, 500, TimeSpan.Zero);

    [Theory]
    [InlineData("\"abc\"", true)]
    [InlineData("abc", true)]
    [InlineData("*", true)]
    [InlineData("\"x\", \"abc\"", true)]
    [InlineData("\"a,b\",\"abc\"", true)]
    [InlineData("x,abc", true)]
    [InlineData("", true)]
    [InlineData("\"x\"", false)]
    [InlineData("W/\"abc\"", false)]
    [InlineData("\"*\"", false)]
    [InlineData("\"ABC\"", false)]
    [InlineData("\"abc", true)]
    [InlineData(",", false)]
    public void If_match_compares_strongly(string value, bool proceeds) =>
        Evaluate(("If-Match", value)).ShouldBe(
            proceeds ? ConditionOutcome.Proceed : ConditionOutcome.PreconditionFailed);

    [Theory]
    [InlineData("\"abc\"", true)]
    [InlineData("W/\"abc\"", true)]
    [InlineData("\"x\", W/\"abc\"", true)]
    [InlineData("*", true)]
    [InlineData("\"x\"", false)]
    [InlineData("", false)]
    public void If_none_match_compares_weakly(string value, bool notModified) =>
        Evaluate(("If-None-Match", value)).ShouldBe(
            notModified ? ConditionOutcome.NotModified : ConditionOutcome.Proceed);

    [Theory]
    [InlineData(Earlier, ConditionOutcome.Proceed)]
    [InlineData(Same, ConditionOutcome.NotModified)]
    [InlineData(Later, ConditionOutcome.NotModified)]
    [InlineData("garbage", ConditionOutcome.Proceed)]
    public void If_modified_since_has_whole_seconds(string value, ConditionOutcome outcome) =>
        Evaluate(("If-Modified-Since", value)).ShouldBe(outcome);

    [Theory]
    [InlineData(Earlier, ConditionOutcome.PreconditionFailed)]
    [InlineData(Same, ConditionOutcome.Proceed)]
    [InlineData(Later, ConditionOutcome.Proceed)]
    [InlineData("garbage", ConditionOutcome.Proceed)]
    public void If_unmodified_since_has_whole_seconds(string value, ConditionOutcome outcome) =>
        Evaluate(("If-Unmodified-Since", value)).ShouldBe(outcome);

    [Fact]
    public void If_match_silences_if_unmodified_since() =>
        Evaluate(("If-Match", "\"abc\""), ("If-Unmodified-Since", Earlier)).ShouldBe(ConditionOutcome.Proceed);

    [Fact]
    public void If_none_match_silences_if_modified_since() =>
        Evaluate(("If-None-Match", "\"x\""), ("If-Modified-Since", Later)).ShouldBe(ConditionOutcome.Proceed);

    [Fact]
    public void A_failed_precondition_comes_before_not_modified() =>
        Evaluate(("If-Match", "\"x\""), ("If-None-Match", "\"abc\"")).ShouldBe(ConditionOutcome.PreconditionFailed);

    [Fact]
    public void Several_lines_of_a_header_are_one_list() =>
        Evaluate(("If-Match", "\"x\""), ("If-Match", "\"abc\"")).ShouldBe(ConditionOutcome.Proceed);

    [Theory]
    [InlineData("x-amz-copy-source-if-match", "\"abc\"", ConditionOutcome.Proceed)]
    [InlineData("x-amz-copy-source-if-match", "\"x\"", ConditionOutcome.PreconditionFailed)]
    [InlineData("x-amz-copy-source-if-none-match", "\"abc\"", ConditionOutcome.PreconditionFailed)]
    [InlineData("x-amz-copy-source-if-modified-since", Same, ConditionOutcome.PreconditionFailed)]
    [InlineData("x-amz-copy-source-if-unmodified-since", Earlier, ConditionOutcome.PreconditionFailed)]
    [InlineData("If-Match", "\"x\"", ConditionOutcome.Proceed)]
    public void A_copy_source_only_proceeds_or_fails(string name, string value, ConditionOutcome outcome) =>
        ReadConditions.EvaluateCopySource(S3Requests.Headers((name, value)), "abc", Modified).ShouldBe(outcome);

    private static ConditionOutcome Evaluate(params (string Name, string Value)[] headers) =>
        ReadConditions.Evaluate(S3Requests.Headers(headers), "abc", Modified);
}
