using Ambry.Host;

namespace Ambry.Integration.Tests.Host;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("12B", 12)]
    [InlineData("3KiB", 3 << 10)]
    [InlineData("128MiB", 128 << 20)]
    [InlineData("64m", 64 << 20)]
    [InlineData("1G", 1L << 30)]
    public void Bytes_are_digits_and_a_power_of_1024(string text, long expected)
    {
        Quantity.TryParseBytes(text, out long bytes).ShouldBeTrue();
        bytes.ShouldBe(expected);
    }

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("90s", 90)]
    [InlineData("5m", 300)]
    [InlineData("12h", 43_200)]
    [InlineData("7d", 604_800)]
    public void A_duration_is_digits_and_a_unit(string text, long seconds)
    {
        Quantity.TryParseDuration(text, out TimeSpan duration).ShouldBeTrue();
        duration.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("-1")]
    [InlineData("1.5G")]
    [InlineData("1 MiB")]
    [InlineData("1TB")]
    [InlineData("99999999999GiB")]
    [InlineData("7")]
    [InlineData("d")]
    [InlineData("-7d")]
    [InlineData("1w")]
    [InlineData("999999999999d")]
    public void Anything_else_is_neither(string text)
    {
        Quantity.TryParseDuration(text, out _).ShouldBeFalse();
        if (text != "7")
        {
            Quantity.TryParseBytes(text, out _).ShouldBeFalse();
        }
    }
}
