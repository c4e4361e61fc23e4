using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Ambry.S3.Errors;

namespace Ambry.S3.Requests;

/// <summary>
/// Percent-decoding as the dialect wants it: exactly once, strict about malformed escapes, and never normalising what
/// comes out. Stateless.
/// </summary>
public static class PercentEncoding
{
    private static readonly SearchValues<char> Special = SearchValues.Create("%+");

    /// <summary>The bytes behind the escapes; valid UTF-8.</summary>
    /// <exception cref="S3Exception">
    /// InvalidURI for a malformed escape, a character that no URI has, or invalid UTF-8.
    /// </exception>
    public static byte[] DecodeBytes(ReadOnlySpan<char> raw, bool plusIsSpace)
    {
        var bytes = new byte[raw.Length];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c is <= ' ' or >= '\x7f')
            {
                throw new S3Exception(S3Errors.InvalidURI);
            }

            if (c == '%')
            {
                bytes[length++] = Escape(raw[i..]);
                i += 2;
            }
            else
            {
                bytes[length++] = c == '+' && plusIsSpace ? (byte)' ' : (byte)c;
            }
        }

        if (!Utf8.IsValid(bytes.AsSpan(0, length)))
        {
            throw new S3Exception(S3Errors.InvalidURI);
        }

        return length == bytes.Length ? bytes : bytes[..length];
    }

    /// <summary>The text behind the escapes.</summary>
    /// <exception cref="S3Exception">InvalidURI, as for <see cref="DecodeBytes"/>.</exception>
    public static string Decode(string raw, bool plusIsSpace) =>
        raw.AsSpan().ContainsAny(Special) || ContainsForeign(raw)
            ? Encoding.UTF8.GetString(DecodeBytes(raw, plusIsSpace))
            : raw;

    private static bool ContainsForeign(ReadOnlySpan<char> raw) => raw.ContainsAnyExceptInRange('!', '~');

    private static byte Escape(ReadOnlySpan<char> raw)
    {
        if (raw.Length < 3 || !char.IsAsciiHexDigit(raw[1]) || !char.IsAsciiHexDigit(raw[2]))
        {
            throw new S3Exception(S3Errors.InvalidURI);
        }

        return (byte)((Nibble(raw[1]) << 4) | Nibble(raw[2]));
    }

    private static int Nibble(char c) => char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}
