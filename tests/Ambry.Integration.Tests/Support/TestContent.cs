using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ambry.Integration.Tests.Support;

/// <summary>Contents by seed, and their digests computed with nothing of the product. Stateless.</summary>
internal static class TestContent
{
    public const int Chunk = 4 * 1024 * 1024;
    public const int SmallestPart = 5 * 1024 * 1024;

    private const ulong Crc64Polynomial = 0x9A6C_9329_AC4B_C9B5;
    private const uint Crc32Polynomial = 0xEDB8_8320;

    public static byte[] Bytes(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public static string Md5(params byte[][] pieces) => Convert.ToHexStringLower(MD5.HashData(Join(pieces)));

    public static string Md5Base64(byte[] bytes) => Convert.ToBase64String(MD5.HashData(bytes));

    public static string Sha256Base64(byte[] bytes) => Convert.ToBase64String(SHA256.HashData(bytes));

    /// <summary>The tag of an object made of these parts.</summary>
    public static string MultipartTag(params byte[][] parts) =>
        $"{Convert.ToHexStringLower(MD5.HashData(Join(parts.Select(MD5.HashData).ToArray())))}-{parts.Length}";

    public static byte[] Join(params byte[][] pieces) => [.. pieces.SelectMany(piece => piece)];

    public static string Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Crc32Polynomial & (0 - (crc & 1)));
            }
        }

        var digest = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(digest, ~crc);
        return Convert.ToBase64String(digest);
    }

    public static string Crc64Nvme(byte[] bytes)
    {
        var crc = ulong.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (Crc64Polynomial & (0 - (crc & 1)));
            }
        }

        var digest = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(digest, ~crc);
        return Convert.ToBase64String(digest);
    }
}
