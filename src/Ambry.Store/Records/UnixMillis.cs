namespace Ambry.Store.Records;

/// <summary>Stored times: milliseconds since 1970, and one value that no time has for "never".</summary>
internal static class UnixMillis
{
    public const long Never = long.MinValue;

    private static readonly long Min = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long Max = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    public static bool IsTime(long value) => value >= Min && value <= Max;

    public static bool IsTimeOrNever(long value) => value == Never || IsTime(value);

    public static long From(DateTimeOffset? time) => time?.ToUnixTimeMilliseconds() ?? Never;

    public static DateTimeOffset ToTime(long value) => DateTimeOffset.FromUnixTimeMilliseconds(value);

    public static DateTimeOffset? ToTimeOrNull(long value) => value == Never ? null : ToTime(value);
}
