using Ambry.Host;
using Ambry.Host.Dev;
using Ambry.Log;

namespace Ambry.Integration.Tests.Host;

public sealed class BannerTests
{
    private static readonly DevOptions Options = new()
    {
        DataFolder = "/data",
        Listen = new ListenAddress("*", 9000),
        Admin = new ListenAddress("127.0.0.1", 9001),
        Region = "eu-x",
        SegmentBytes = 128L << 20,
        DeletedRetention = TimeSpan.FromDays(7),
        CompactionBytesPerSecond = 10L << 20,
        ScrubBytesPerSecond = 1L << 20,
    };

    [Fact]
    public void The_lines_to_paste_name_this_server()
    {
        var text = Banner.Render(Options, new RootCredentials("AK", "SK", false), TimeSpan.FromMilliseconds(123.4));
        text.ShouldStartWith("Ambry.S3 is ready (123 ms).");
        text.ShouldContain("export AWS_ENDPOINT_URL=http://127.0.0.1:9000 AWS_REGION=eu-x");
        text.ShouldContain("export AWS_ACCESS_KEY_ID=AK");
        text.ShouldContain("export AWS_SECRET_ACCESS_KEY=SK");
        text.ShouldContain("kept in /data/credentials.json");
        text.ShouldContain("http://127.0.0.1:9001/health/ready");
    }

    [Fact]
    public void A_secret_of_the_environment_is_not_printed()
    {
        var text = Banner.Render(Options, new RootCredentials("AK", "very-secret", true), TimeSpan.Zero);
        text.ShouldNotContain("very-secret");
        text.ShouldContain("export AWS_SECRET_ACCESS_KEY=\"$AMBRY_SECRET_KEY\"");
    }

    [Theory]
    [InlineData(DurabilityMode.Group, "fdatasync that concurrent writes share")]
    [InlineData(DurabilityMode.Each, "fdatasync of its own")]
    [InlineData(DurabilityMode.Interval, "loses the last seconds")]
    public void What_a_power_cut_costs_is_said(DurabilityMode mode, string words) =>
        Banner.Render(Options with { Durability = mode }, new RootCredentials("AK", "SK", false), TimeSpan.Zero)
            .ShouldContain(words);
}
