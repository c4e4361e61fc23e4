using System.Buffers;
using System.Text;

namespace Ambry.S3.Auth;

/// <summary>
/// Writes the canonical forms of path and query. What came in is decoded once and encoded again by the rules of S3, so that a
/// client that escapes more or less than the rules ask for still agrees on the signature. Nothing is normalised: neither dots
/// nor repeated slashes.
/// </summary>
internal static class CanonicalUri
{
    private const string SignatureParameter = "X-Amz-Signature";

    private static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    public static void WritePath(ArrayBufferWriter<byte> output, ReadOnlySpan<char> rawPath)
    {
        if (rawPath.IsEmpty)
        {
            output.Write("/"u8);
            return;
        }

        WriteReencoded(output, rawPath, isQuery: false);
    }

    /// <summary>Sorted by encoded name, then by encoded value; the signature itself is left out.</summary>
    public static void WriteQuery(ArrayBufferWriter<byte> output, ReadOnlySpan<char> rawQuery)
    {
        var encoded = new ArrayBufferWriter<byte>(Math.Max(1, rawQuery.Length * 2));
        var parameters = new List<Parameter>();
        foreach (var range in rawQuery.Split('&'))
        {
            var piece = rawQuery[range];
            if (!piece.IsEmpty)
            {
                ReadParameter(encoded, parameters, piece);
            }
        }

        var bytes = encoded.WrittenMemory;
        parameters.Sort((a, b) => Compare(bytes.Span, a, b));
        for (var i = 0; i < parameters.Count; i++)
        {
            output.Write(i == 0 ? ""u8 : "&"u8);
            output.Write(bytes.Span[parameters[i].Name]);
            output.Write("="u8);
            output.Write(bytes.Span[parameters[i].Value]);
        }
    }

    private static void ReadParameter(
        ArrayBufferWriter<byte> encoded, List<Parameter> parameters, ReadOnlySpan<char> piece)
    {
        var equals = piece.IndexOf('=');
        var name = equals < 0 ? piece : piece[..equals];
        if (name.Equals(SignatureParameter, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var start = encoded.WrittenCount;
        WriteReencoded(encoded, name, isQuery: true);
        var middle = encoded.WrittenCount;
        WriteReencoded(encoded, equals < 0 ? [] : piece[(equals + 1)..], isQuery: true);
        parameters.Add(new Parameter(start..middle, middle..encoded.WrittenCount));
    }

    private static int Compare(ReadOnlySpan<byte> bytes, Parameter a, Parameter b)
    {
        var byName = bytes[a.Name].SequenceCompareTo(bytes[b.Name]);
        return byName != 0 ? byName : bytes[a.Value].SequenceCompareTo(bytes[b.Value]);
    }

    // A percent sign that begins no escape stands for itself. In a query a plus is a space, as in forms.
    private static void WriteReencoded(ArrayBufferWriter<byte> output, ReadOnlySpan<char> raw, bool isQuery)
    {
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOfAnyExcept(Unreserved);
            plain = plain < 0 ? raw.Length : plain;
            output.Advance(Encoding.ASCII.GetBytes(raw[..plain], output.GetSpan(plain + 1)));
            raw = raw[plain..];
            if (!raw.IsEmpty)
            {
                raw = raw[WriteSpecial(output, raw, isQuery)..];
            }
        }
    }

    private static int WriteSpecial(ArrayBufferWriter<byte> output, ReadOnlySpan<char> raw, bool isQuery)
    {
        if (raw[0] == '%' && raw.Length >= 3 && char.IsAsciiHexDigit(raw[1]) && char.IsAsciiHexDigit(raw[2]))
        {
            Span<byte> one = stackalloc byte[1];
            Convert.FromHexString(raw.Slice(1, 2), one, out _, out _);
            WriteByte(output, one[0], isQuery);
            return 3;
        }

        if (isQuery && raw[0] == '+')
        {
            WriteByte(output, (byte)' ', isQuery);
            return 1;
        }

        Rune.DecodeFromUtf16(raw, out var rune, out var consumed);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var b in utf8[..rune.EncodeToUtf8(utf8)])
        {
            WriteByte(output, b, isQuery);
        }

        return consumed;
    }

    private static void WriteByte(ArrayBufferWriter<byte> output, byte value, bool isQuery)
    {
        if (Unreserved.Contains((char)value) || (value == '/' && !isQuery))
        {
            output.GetSpan(1)[0] = value;
            output.Advance(1);
            return;
        }

        var digits = "0123456789ABCDEF"u8;
        var escape = output.GetSpan(3);
        escape[0] = (byte)'%';
        escape[1] = digits[value >> 4];
        escape[2] = digits[value & 15];
        output.Advance(3);
    }

    private readonly record struct Parameter(Range Name, Range Value);
}
