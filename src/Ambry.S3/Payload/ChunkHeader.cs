using System.Buffers.Text;

namespace Ambry.S3.Payload;

/// <summary>The line before a chunk: its size in hex and, in signed bodies, its signature.</summary>
internal static class ChunkHeader
{
    /// <summary>Longer lines are no chunk headers: 16 digits, the name of the signature and its 64 digits make 97.</summary>
    public const int LengthMax = 128;

    private const int SizeDigitsMax = 16;

    private static ReadOnlySpan<byte> SignatureName => ";chunk-signature="u8;

    /// <param name="line">Without its line end.</param>
    /// <param name="signature">64 bytes when <paramref name="isSigned"/>, else empty.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, bool isSigned, out long size, out ReadOnlySpan<byte> signature)
    {
        signature = [];
        var end = line.IndexOf((byte)';');
        var digits = end < 0 ? line : line[..end];
        if (digits.IsEmpty || digits.Length > SizeDigitsMax || !Utf8Parser.TryParse(digits, out size, out var used, 'x')
            || used != digits.Length || size < 0)
        {
            size = 0;
            return false;
        }

        if (!isSigned)
        {
            return end < 0;
        }

        var rest = line[digits.Length..];
        if (!rest.StartsWith(SignatureName) || rest.Length != SignatureName.Length + ChunkSignatures.HexSize)
        {
            return false;
        }

        signature = rest[SignatureName.Length..];
        return true;
    }
}
