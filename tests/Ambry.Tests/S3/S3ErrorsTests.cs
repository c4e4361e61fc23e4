using System.Reflection;
using Ambry.S3.Errors;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class S3ErrorsTests
{
    [Fact]
    public void Every_row_is_listed_once_under_its_own_name()
    {
        var fields = typeof(S3Errors).GetFields(BindingFlags.Public | BindingFlags.Static);

        foreach (var field in fields)
        {
            ((S3Error)field.GetValue(null)!).Code.ShouldBe(field.Name);
        }

        S3Errors.All.Select(error => error.Code).ShouldBe(fields.Select(field => field.Name), ignoreOrder: true);
    }

    [Fact]
    public void Every_row_has_a_status_that_is_no_success_and_a_message()
    {
        foreach (var error in S3Errors.All)
        {
            error.Status.ShouldBeInRange(301, 503, error.Code);
            error.Message.ShouldNotBeNullOrWhiteSpace(error.Code);
        }
    }

    [Theory]
    [InlineData("NoSuchKey", 404)]
    [InlineData("InvalidRange", 416)]
    [InlineData("PreconditionFailed", 412)]
    [InlineData("MissingContentLength", 411)]
    [InlineData("SlowDown", 503)]
    [InlineData("RequestTimeTooSkewed", 403)]
    [InlineData("NotImplemented", 501)]
    [InlineData("MethodNotAllowed", 405)]
    [InlineData("BucketNotEmpty", 409)]
    [InlineData("NoSuchTagSet", 404)]
    [InlineData("RequestTimeout", 400)]
    public void Clients_rely_on_the_status_of(string code, int status) =>
        S3Errors.All.Single(error => error.Code == code).Status.ShouldBe(status);
}
