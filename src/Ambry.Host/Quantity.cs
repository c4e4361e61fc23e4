using System.Globalization;

namespace Ambry.Host;

/// <summary>Sizes and durations as people write them: 64MiB, 1GiB, 90s, 12h, 7d. Pure.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, long Factor)[] Sizes =
    [
        ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("G", 1L << 30), ("M", 1L << 20), ("K", 1L << 10), ("B", 1), ("", 1),
    ];

    private static readonly (string Suffix, TimeSpan Unit)[] Durations =
    [
        ("d", TimeSpan.FromDays(1)), ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)),
        ("s", TimeSpan.FromSeconds(1)),
    ];

    /// <summary>A number of bytes: digits, and B, K, M or G, which stand for powers of 1,024, as KiB does.</summary>
    public static bool TryParseBytes(string text, out long bytes)
    {
        bytes = 0;
        foreach ((string suffix, long factor) in Sizes)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
            {
                return TryParseCount(text[..^suffix.Length], long.MaxValue / factor, out long count)
                    && Set(out bytes, count * factor);
            }
        }

        return false;
    }

    /// <summary>A duration: digits and d, h, m or s; at most a hundred years.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = default;
        foreach ((string suffix, TimeSpan unit) in Durations)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                long most = TimeSpan.FromDays(36_500).Ticks / unit.Ticks;
                return TryParseCount(text[..^suffix.Length], most, out long count) && Set(out duration, unit * count);
            }
        }

        return false;
    }

    private static bool TryParseCount(string digits, long most, out long count) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= most;

    private static bool Set<T>(out T target, T value)
    {
        target = value;
        return true;
    }
}
