namespace Ambry.Metadata.Engine;

/// <summary>Lengths in seven-bit groups, low group first. A malformed one reads as int.MaxValue, which no bounds check lets pass.</summary>
internal ref struct VarintReader(ReadOnlySpan<byte> bytes, int position)
{
    private const int BytesMax = 4;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; set; } = position;

    public readonly int Remaining => _bytes.Length - Position;

    /// <summary>At most 2^28 - 1, so that the sum of two lengths cannot overflow.</summary>
    public int ReadLength()
    {
        var value = 0;
        for (var i = 0; i < BytesMax; i++)
        {
            if (Position >= _bytes.Length)
            {
                break;
            }

            var b = _bytes[Position++];
            value |= (b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                return value;
            }
        }

        return int.MaxValue / 2;
    }
}
