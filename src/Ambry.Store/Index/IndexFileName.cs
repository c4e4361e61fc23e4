using System.Globalization;

namespace Ambry.Store.Index;

/// <summary>
/// The name of an index file: first LSN and log segment in hexadecimal, so that names sort by age. Files of version 1
/// have no log segment in theirs. Immutable.
/// </summary>
internal readonly record struct IndexFileName(long FirstLsn, uint LogSegment) : IComparable<IndexFileName>
{
    public const string TemporarySuffix = ".tmp";

    private const string Suffix = ".index";
    private const int LsnDigits = 16;
    private const int SegmentDigits = 8;

    public static string ForVersion1(long firstLsn) => firstLsn.ToString("x16", CultureInfo.InvariantCulture) + Suffix;

    public static bool TryParse(string name, out IndexFileName parsed)
    {
        parsed = default;
        if (name.Length != LsnDigits + 1 + SegmentDigits + Suffix.Length
            || !TryParseLsn(name, out long firstLsn)
            || !uint.TryParse(
                name.AsSpan(LsnDigits + 1, SegmentDigits),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out uint segment))
        {
            return false;
        }

        parsed = new IndexFileName(firstLsn, segment);
        return parsed.ToString() == name;
    }

    public static bool TryParseVersion1(string name, out long firstLsn)
    {
        firstLsn = 0;
        return name.Length == LsnDigits + Suffix.Length && TryParseLsn(name, out firstLsn)
            && ForVersion1(firstLsn) == name;
    }

    public int CompareTo(IndexFileName other) =>
        FirstLsn != other.FirstLsn ? FirstLsn.CompareTo(other.FirstLsn) : LogSegment.CompareTo(other.LogSegment);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{FirstLsn:x16}-{LogSegment:x8}{Suffix}");

    private static bool TryParseLsn(string name, out long firstLsn) => long.TryParse(
        name.AsSpan(0, LsnDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out firstLsn);
}
