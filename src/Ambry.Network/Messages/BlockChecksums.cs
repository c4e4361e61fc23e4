using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Checksums of a content by block, as they travel: 4 bytes each, the last block possibly short. Pure.
/// </summary>
internal static class BlockChecksums
{
    public static int LengthFor(int contentLength) =>
        (contentLength + PeerContent.BlockSizeBytes - 1) / PeerContent.BlockSizeBytes * sizeof(uint);

    /// <summary>Whether every block is what its checksum was made of.</summary>
    public static bool Verify(ReadOnlySpan<byte> content, ReadOnlySpan<byte> checksums)
    {
        Invariant.Check(checksums.Length == LengthFor(content.Length));
        while (!content.IsEmpty)
        {
            ReadOnlySpan<byte> block = content[..Math.Min(content.Length, PeerContent.BlockSizeBytes)];
            if (Crc32C.Compute(block) != BinaryPrimitives.ReadUInt32LittleEndian(checksums))
            {
                return false;
            }

            content = content[block.Length..];
            checksums = checksums[sizeof(uint)..];
        }

        return true;
    }
}
