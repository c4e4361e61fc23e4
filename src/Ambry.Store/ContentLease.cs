using Ambry.Log;
using Ambry.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Store;

/// <summary>
/// Content of a blob that can be sent straight from its file, and stays readable there until this is disposed,
/// whatever compaction deletes meanwhile. Properties, user metadata and the checksums were verified; the content was
/// not: whoever receives it must compare it with <see cref="BlockChecksums"/> before it counts. Content that a hard
/// delete destroys in the meantime fails that comparison. Not thread safe.
/// </summary>
/// <remarks>
/// What is leased is whole blocks of 64 KiB around the requested range: that is what checksums cover.
/// </remarks>
public sealed class ContentLease : IDisposable
{
    private readonly LogHold? _hold;

    internal ContentLease(StoreError error)
    {
        Error = error;
    }

    internal ContentLease(BlobProperties properties, ReadOnlyMemory<byte> userMetadata, LogHold hold)
    {
        Properties = properties;
        UserMetadata = userMetadata;
        _hold = hold;
    }

    public StoreError Error { get; }

    /// <summary>Null when <see cref="Error"/> is set.</summary>
    public BlobProperties? Properties { get; }

    public ReadOnlyMemory<byte> UserMetadata { get; }

    /// <summary>
    /// The file, to be used only at given offsets; null on a simulated disk: read the blob instead. Not the caller's to
    /// close: a file stream made over it for a socket must not be disposed. What of it is not in
    /// the page cache the sender waits for, on its own thread.
    /// </summary>
    public SafeFileHandle? Handle => _hold?.Handle;

    /// <summary>Where in the file the leased bytes start.</summary>
    public long FileOffset { get; internal init; }

    /// <summary>Leased bytes; 0 when the range is empty.</summary>
    public int Length { get; internal init; }

    /// <summary>Leased bytes before the requested range.</summary>
    public int RangeOffset { get; internal init; }

    /// <summary>Bytes of the requested range, clipped to the content.</summary>
    public int RangeLength { get; internal init; }

    /// <summary>
    /// CRC-32C of each leased block of 64 KiB, the last one possibly short, 4 bytes each, little-endian.
    /// </summary>
    public ReadOnlyMemory<byte> BlockChecksums { get; internal init; }

    /// <summary>Whether received bytes are the leased ones.</summary>
    public bool Verify(ReadOnlySpan<byte> received) =>
        received.Length == Length && Records.BlockChecksums.Verify(BlockChecksums.Span, 0, received);

    /// <summary>Lets the segment go.</summary>
    public void Dispose() => _hold?.Dispose();
}
