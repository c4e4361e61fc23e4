using System.Text;

namespace Ambry.S3.Listing;

/// <summary>
/// encoding-type=url: keys, prefixes, delimiters and markers percent-encoded so that XML can carry any of them. Some
/// clients decode '+' as a space and some do not, so neither a raw '+' nor a raw space is ever written. Slashes stay,
/// as AWS has it. Stateless.
/// </summary>
public static class ListEncoding
{
    private const string HexDigits = "0123456789ABCDEF";

    public static string Encode(ReadOnlySpan<byte> key)
    {
        var text = new StringBuilder(key.Length);
        foreach (var b in key)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || "-_.~/"u8.Contains(b))
            {
                text.Append((char)b);
            }
            else
            {
                text.Append('%').Append(HexDigits[b >> 4]).Append(HexDigits[b & 15]);
            }
        }

        return text.ToString();
    }

    public static string Encode(string text) => Encode(Encoding.UTF8.GetBytes(text));
}
