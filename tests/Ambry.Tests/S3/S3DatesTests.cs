using Ambry.S3.Names;
using Shouldly;
using Xunit;

namespace Ambry.Tests.S3;

public sealed class S3DatesTests
{
    private static readonly DateTimeOffset Time = new(1994, 11, 6, 8, 49, 37, TimeSpan.Zero);

    [Fact]
    public void Xml_dates_have_exactly_three_digits_of_a_second()
    {
        S3Dates.FormatIso(Time).ShouldBe("1994-11-06T08:49:37.000Z");
        S3Dates.FormatIso(Time.AddTicks(1_239_999)).ShouldBe("1994-11-06T08:49:37.123Z");
        S3Dates.FormatIso(Time.ToOffset(TimeSpan.FromHours(5))).ShouldBe("1994-11-06T08:49:37.000Z");
    }

    [Fact]
    public void Header_dates_are_rfc_1123() => S3Dates.FormatHttp(Time).ShouldBe("Sun, 06 Nov 1994 08:49:37 GMT");

    [Fact]
    public void The_basic_form_goes_both_ways()
    {
        S3Dates.FormatBasic(Time).ShouldBe("19941106T084937Z");
        S3Dates.TryParseBasic("19941106T084937Z", out var parsed).ShouldBeTrue();
        parsed.ShouldBe(Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("19941106T084937")]
    [InlineData("1994-11-06T08:49:37Z")]
    [InlineData("19941306T084937Z")]
    [InlineData("19941106T084937Z ")]
    public void Anything_else_is_no_basic_date(string value) => S3Dates.TryParseBasic(value, out _).ShouldBeFalse();

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT")]
    [InlineData("Sun Nov  6 08:49:37 1994")]
    public void All_three_http_dates_are_read(string value)
    {
        S3Dates.TryParseHttp(value, out var time).ShouldBeTrue();
        time.ShouldBe(Time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("Mon, 06 Nov 1994 08:49:37 GMT")]
    [InlineData("Sun, 32 Nov 1994 08:49:37 GMT")]
    [InlineData("1994-11-06T08:49:37Z")]
    public void Anything_else_is_no_http_date(string value) => S3Dates.TryParseHttp(value, out _).ShouldBeFalse();
}
