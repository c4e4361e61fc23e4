using System.CommandLine;

namespace Ambry.Bench.Engine;

/// <summary>The options that benchmarks made of cases share.</summary>
internal static class BenchOptions
{
    public static Option<string> Dir() => new("--dir")
    {
        Description = "A folder on the disk to measure. The data goes into a new folder in it, deleted at the end.",
        DefaultValueFactory = _ => ".",
    };

    public static Option<bool> Quick() => new("--quick")
    {
        Description = "Little data and one round: shows that everything runs. Its figures mean nothing.",
    };

    public static Option<string[]> Only(IEnumerable<string> names)
    {
        string[] cases = [.. names];
        var only = new Option<string[]>("--only")
        {
            Description = "Cases to run: " + string.Join(", ", cases) + ".",
            AllowMultipleArgumentsPerToken = true,
        };
        return only.AcceptOnlyFromAmong(cases);
    }

    public static Option<int> Rounds(int usual) => new("--rounds")
    {
        Description = "How often each measurement is repeated; the median counts.",
        DefaultValueFactory = _ => usual,
    };
}
