using Microsoft.Win32.SafeHandles;

namespace Ambry.Protocol;

/// <summary>
/// A blob whose content lies in a file and stays there until this is disposed. Properties, user metadata and checksums
/// were verified; the content was not: whoever receives it compares it with <see cref="BlockChecksums"/> before it
/// counts. What is leased is whole blocks around the requested range, because that is what checksums cover. Not thread
/// safe.
/// </summary>
/// <param name="lease">Disposed with this.</param>
public sealed class PeerContent(IDisposable lease) : IDisposable
{
    /// <summary>Bytes of content that one checksum covers.</summary>
    public const int BlockSizeBytes = 64 * 1024;

    public required BlobProperties Properties { get; init; }

    public required ReadOnlyMemory<byte> UserMetadata { get; init; }

    /// <summary>To be used only at given offsets, and not the caller's to close.</summary>
    public required SafeFileHandle File { get; init; }

    /// <summary>Where in the file the leased bytes start.</summary>
    public required long FileOffset { get; init; }

    /// <summary>Leased bytes; 0 when the range is empty.</summary>
    public required int Length { get; init; }

    /// <summary>Leased bytes before the requested range.</summary>
    public required int RangeOffset { get; init; }

    /// <summary>Bytes of the requested range, clipped to the content.</summary>
    public required int RangeLength { get; init; }

    /// <summary>CRC-32C of each leased block, the last one possibly short, 4 bytes each, little-endian.</summary>
    public required ReadOnlyMemory<byte> BlockChecksums { get; init; }

    /// <summary>Lets the file go.</summary>
    public void Dispose() => lease.Dispose();
}
