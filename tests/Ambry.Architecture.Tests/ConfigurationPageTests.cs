using Ambry.Host.Configuration;
using Shouldly;
using Xunit;

namespace Ambry.Architecture.Tests;

/// <summary>AMBRY_UPDATE_DOCS=1 writes the page anew.</summary>
public sealed class ConfigurationPageTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "configuration.md");

    [Fact]
    public async Task The_page_says_what_the_keys_say()
    {
        var rendered = ConfigurationPage.Render();
        if (Environment.GetEnvironmentVariable("AMBRY_UPDATE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(Page, rendered);
        }

        (await File.ReadAllTextAsync(Page)).ShouldBe(rendered);
    }
}
