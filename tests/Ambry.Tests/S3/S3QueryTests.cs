using Ambry.S3.Errors;
using Ambry.S3.Requests;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class S3QueryTests
{
    [Fact]
    public void Parameters_keep_their_order_and_their_raw_form()
    {
        var query = S3Query.Parse("b=%2F+x&a&c==&&a=2");

        query.Parameters.ShouldBe(
        [
            new S3QueryParameter("b", "%2F+x", "b", "/ x"),
            new S3QueryParameter("a", "", "a", ""),
            new S3QueryParameter("c", "=", "c", "="),
            new S3QueryParameter("a", "2", "a", "2"),
        ]);
        query.Raw.ShouldBe("b=%2F+x&a&c==&&a=2");
    }

    [Fact]
    public void The_first_of_several_values_counts() => S3Query.Parse("a=1&a=2")["a"].ShouldBe("1");

    [Theory]
    [InlineData("acl")]
    [InlineData("acl=")]
    [InlineData("%61cl")]
    public void A_parameter_without_a_value_is_present_and_empty(string raw)
    {
        var query = S3Query.Parse(raw);

        query.Has("acl").ShouldBeTrue();
        query["acl"].ShouldBe("");
        query.TryGet("ACL", out _).ShouldBeFalse();
    }

    [Fact]
    public void An_empty_query_has_no_parameters() => S3Query.Parse("").Parameters.ShouldBeEmpty();

    [Fact]
    public void Too_many_parameters_are_refused() =>
        Should.Throw<S3Exception>(() => S3Query.Parse(string.Join('&', Enumerable.Repeat("a", 257))))
            .Error.ShouldBe(S3Errors.InvalidURI);
}
