using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ambry.Protocol;

namespace Ambry.Host.Handles;

/// <summary>
/// A chunk that this API stored, as its uploader hands it back for stitching: only ids that were signed here are put
/// together. Layout: docs/formats.md, "Handle annotation". Immutable.
/// </summary>
/// <param name="ExpiresAt">When the chunk goes unless it is stitched; to the millisecond.</param>
internal sealed record SignedChunk(BlobId Id, long SizeBytes, DateTimeOffset ExpiresAt, string Session)
{
    public const int SessionBytesMax = 256;

    private const byte FormatVersion = 1;
    private const int FixedBytes = 1 + BlobId.EncodedLength + 16;

    /// <summary>No signed id is longer.</summary>
    private const int TextLengthMax = (FixedBytes + SessionBytesMax + HandleKeys.SignatureBytes + 2) / 3 * 4;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public string Sign(HandleKeys keys)
    {
        byte[] session = StrictUtf8.GetBytes(Session);
        byte[] bytes = new byte[FixedBytes + session.Length + HandleKeys.SignatureBytes];
        bytes[0] = FormatVersion;
        Id.Write(bytes.AsSpan(1));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(29), SizeBytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(37), ExpiresAt.ToUnixTimeMilliseconds());
        session.CopyTo(bytes, FixedBytes);
        keys.SignChunk(bytes.AsSpan(0, bytes.Length - HandleKeys.SignatureBytes))
            .CopyTo(bytes, bytes.Length - HandleKeys.SignatureBytes);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Null when the text was not signed with these keys.</summary>
    public static SignedChunk? TryVerify(string text, HandleKeys keys)
    {
        if (text.Length > TextLengthMax || !Base64Url.IsValid(text, out int length)
            || length < FixedBytes + HandleKeys.SignatureBytes)
        {
            return null;
        }

        byte[] bytes = Base64Url.DecodeFromChars(text);
        var signed = bytes.AsSpan(0, length - HandleKeys.SignatureBytes);
        bool isOurs = CryptographicOperations.FixedTimeEquals(keys.SignChunk(signed), bytes.AsSpan(signed.Length));
        if (!isOurs || signed[0] != FormatVersion || !BlobId.TryRead(signed[1..], out var id))
        {
            return null;
        }

        return new SignedChunk(
            id,
            BinaryPrimitives.ReadInt64LittleEndian(signed[29..]),
            DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64LittleEndian(signed[37..])),
            StrictUtf8.GetString(signed[FixedBytes..]));
    }
}
