using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class RouterSampleTests
{
    [Fact]
    public async Task The_sample_of_the_page_runs()
    {
        var world = new RouterWorld();

        (await RouterSample.RunAsync(world.View.Layout, world.Peers, NullLoggerFactory.Instance, default))
            .ShouldBe("Hello, blob. None None");
    }

    [Fact]
    public void The_page_shows_what_runs()
    {
        string here = Path.GetDirectoryName(PathOfThisFile())!;
        string page = File.ReadAllText(Path.Combine(here, "..", "..", "..", "docs", "router.md"));
        string[] lines = File.ReadAllLines(Path.Combine(here, "RouterSample.cs"));
        int from = Array.FindIndex(lines, l => l.Trim() == "// <sample>") + 1;
        int to = Array.FindIndex(lines, l => l.Trim() == "// </sample>");

        string sample = string.Join('\n', lines[from..to].Select(l => l.Length > 4 ? l[4..] : "")).Trim();

        page.ReplaceLineEndings("\n").ShouldContain("```csharp\n" + sample + "\n```\n");
    }

    private static string PathOfThisFile([CallerFilePath] string path = "") => path;
}
