using System.Globalization;

namespace Ambry.Simulator;

/// <summary>Seeds from one to another, both included.</summary>
internal readonly record struct SeedRange(int From, int To)
{
    public int Count => To - From + 1;

    public static bool TryParse(string text, out SeedRange range)
    {
        range = default;
        string[] ends = text.Split('-');
        if (ends.Length > 2 || !TryParseSeed(ends[0], out int from) || !TryParseSeed(ends[^1], out int to) || from > to)
        {
            return false;
        }

        range = new SeedRange(from, to);
        return true;
    }

    private static bool TryParseSeed(string text, out int seed) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed) && seed < int.MaxValue;
}
