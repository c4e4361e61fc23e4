using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using Ambry.S3.Errors;

namespace Ambry.S3.Listing;

/// <summary>
/// An opaque token for the place behind the last item of a page: base64url of a version byte, a CRC-32 and the
/// marker. The check sum rejects tokens that were cut or made up; it is no secret, since a token grants nothing that
/// a marker does not. Stateless.
/// </summary>
public static class ContinuationToken
{
    private const byte Version = 1;
    private const int HeaderSizeBytes = 5;

    /// <summary>A key of 1,024 bytes as a token, and some room.</summary>
    private const int TokenLengthMax = 2048;

    public static string Encode(ReadOnlySpan<byte> after)
    {
        var bytes = new byte[HeaderSizeBytes + after.Length];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), Crc32.HashToUInt32(after));
        after.CopyTo(bytes.AsSpan(HeaderSizeBytes));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The marker that went in.</summary>
    /// <exception cref="S3Exception">InvalidArgument for anything that <see cref="Encode"/> did not make.</exception>
    public static byte[] Decode(string token)
    {
        if (token.Length is 0 or > TokenLengthMax || !Base64Url.IsValid(token))
        {
            throw Incorrect(token);
        }

        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < HeaderSizeBytes || bytes[0] != Version)
        {
            throw Incorrect(token);
        }

        var after = bytes[HeaderSizeBytes..];
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(1)) == Crc32.HashToUInt32(after)
            ? after
            : throw Incorrect(token);
    }

    private static S3Exception Incorrect(string token) =>
        new(S3Errors.InvalidArgument, "The continuation token provided is incorrect")
        {
            Extras = [new("ArgumentName", "continuation-token"), new("ArgumentValue", token)],
        };
}
