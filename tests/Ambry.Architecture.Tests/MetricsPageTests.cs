using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

/// <summary>AMBRY_UPDATE_DOCS=1 writes the page anew.</summary>
public sealed class MetricsPageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "metrics.md");

    [Fact]
    public async Task The_page_says_what_the_instruments_say()
    {
        var rendered = await MetricsPage.RenderAsync();
        if (Environment.GetEnvironmentVariable("AMBRY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(Page, rendered);
        }

        (await File.ReadAllTextAsync(Page)).ShouldBe(rendered);
    }

    [Fact]
    public async Task Every_instrument_is_described_and_has_tags()
    {
        await using var instruments = await MeasuredInstruments.CollectAsync();

        instruments.All.ShouldNotBeEmpty();
        foreach (var measured in instruments.All)
        {
            measured.Instrument.Description.ShouldNotBeNullOrEmpty(measured.Instrument.Name);
            measured.Tags.ShouldNotBeEmpty($"{measured.Instrument.Name} was not measured");
        }
    }
}
