namespace Ambry.Router;

/// <summary>Stored times are kept to the millisecond, so what a writer knows and what a reader sees are equal.</summary>
internal static class WallClock
{
    public static DateTimeOffset TruncateToMilliseconds(this DateTimeOffset value) =>
        DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds());
}
