namespace Ambry.Metadata.Engine;

/// <summary>Keys in unsigned byte order: the order S3 lists in.</summary>
internal static class ByteOrder
{
    public static int Compare(ReadOnlyMemory<byte> left, ReadOnlyMemory<byte> right) =>
        left.Span.SequenceCompareTo(right.Span);

    /// <summary>
    /// The shortest key above <paramref name="below"/> and not above <paramref name="above"/>: a directory that stores it instead of
    /// the whole first key stays small when keys are long.
    /// </summary>
    public static ReadOnlyMemory<byte> Separator(ReadOnlyMemory<byte> below, ReadOnlyMemory<byte> above)
    {
        var shared = below.Span.CommonPrefixLength(above.Span);
        return above[..(shared + 1)].ToArray();
    }
}
