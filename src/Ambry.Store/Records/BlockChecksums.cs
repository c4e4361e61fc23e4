using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Records;

/// <summary>
/// Part 2 of a PUT record: one CRC-32C for each 64 KiB of content, so that a range read verifies only what it touches.
/// 64 KiB keeps the list under 256 bytes for the largest content and the surplus of a small range read bearable.
/// </summary>
internal static class BlockChecksums
{
    public const int BlockBytes = 64 * 1024;

    private const int ChecksumBytes = sizeof(uint);

    /// <summary>Bytes of the list for a content; 0 for an empty one.</summary>
    public static int EncodedLength(int contentLength) => (contentLength + BlockBytes - 1) / BlockBytes * ChecksumBytes;

    /// <summary>The whole blocks around a range that is not empty.</summary>
    public static (int From, int To) BlocksAround(int start, int length, int contentLength)
    {
        int lastBlock = (start + length - 1) / BlockBytes;
        return (start / BlockBytes * BlockBytes, Math.Min(contentLength, (lastBlock + 1) * BlockBytes));
    }

    public static void Write(ReadOnlySpan<byte> content, Span<byte> destination)
    {
        for (int block = 0; !content.IsEmpty; block++)
        {
            int length = Math.Min(BlockBytes, content.Length);
            uint checksum = Crc32C.Compute(content[..length]);
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(block * ChecksumBytes)..], checksum);
            content = content[length..];
        }
    }

    /// <summary>
    /// Whether whole blocks, the last one possibly short, match the list from <paramref name="firstBlock"/> on.
    /// </summary>
    public static bool Verify(ReadOnlySpan<byte> checksums, int firstBlock, ReadOnlySpan<byte> blocks)
    {
        for (int block = firstBlock; !blocks.IsEmpty; block++)
        {
            int length = Math.Min(BlockBytes, blocks.Length);
            int at = block * ChecksumBytes;
            if (at + ChecksumBytes > checksums.Length
                || BinaryPrimitives.ReadUInt32LittleEndian(checksums[at..]) != Crc32C.Compute(blocks[..length]))
            {
                return false;
            }

            blocks = blocks[length..];
        }

        return true;
    }
}
