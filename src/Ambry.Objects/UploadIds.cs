using System.Buffers;
using System.Buffers.Text;

namespace Ambry.Objects;

/// <summary>The text form of an upload id: 22 characters of base64url, which no URL and no XML has to escape.</summary>
internal static class UploadIds
{
    private const int TextLength = 22;

    public static string Format(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>False for any other text than <see cref="Format"/> makes: an upload has one id.</summary>
    public static bool TryParse(string text, out Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id = default;
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out int written) != OperationStatus.Done
            || written != bytes.Length)
        {
            return false;
        }

        id = new Guid(bytes, bigEndian: true);
        return Format(id) == text;
    }
}
