using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Inspection;

/// <summary>
/// The filter and the fences of an index file, whole by their checksum. The filter of version 1 is only checked as
/// bytes: nothing reads it any more. Immutable.
/// </summary>
internal sealed class IndexFilterCheck
{
    private readonly byte[] _fences;

    private IndexFilterCheck(byte[] fences)
    {
        _fences = fences;
    }

    public static IndexFilterCheck? TryRead(IndexFileShape shape, ReadOnlySpan<byte> summary)
    {
        ReadOnlySpan<byte> stored = summary[..^sizeof(uint)];
        return BinaryPrimitives.ReadUInt32LittleEndian(summary[stored.Length..]) == Crc32C.Compute(stored)
            ? new IndexFilterCheck(stored[shape.FilterBytes..].ToArray())
            : null;
    }

    public bool FenceIs(int page, ReadOnlySpan<byte> id) =>
        _fences.Length == 0 || _fences.AsSpan(page * BlobId.EncodedLength, BlobId.EncodedLength).SequenceEqual(id);

    public bool MayContain(BlobId id) => true;
}
