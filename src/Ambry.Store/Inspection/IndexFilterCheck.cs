using System.Buffers.Binary;
using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store.Inspection;

/// <summary>
/// The filter and the fences of an index file, whole by their checksum. The filter of version 1 is only checked as
/// bytes: nothing asks it any more. Immutable.
/// </summary>
internal sealed class IndexFilterCheck
{
    private readonly byte[] _fences;
    private readonly BloomFilter? _filter;

    private IndexFilterCheck(byte[] fences, BloomFilter? filter)
    {
        _fences = fences;
        _filter = filter;
    }

    public static IndexFilterCheck? TryRead(IndexFileShape shape, ReadOnlySpan<byte> summary)
    {
        ReadOnlySpan<byte> stored = summary[..^sizeof(uint)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(summary[stored.Length..]) != Crc32C.Compute(stored))
        {
            return null;
        }

        byte[] fences = stored[shape.FilterBytes..].ToArray();
        BloomFilter? filter = shape.Header.Version == 1
            ? null
            : new BloomFilter(
                stored[..shape.FilterBytes].ToArray(), start: 0, shape.FilterBytes / BloomFilter.BlockBytes);
        return new IndexFilterCheck(fences, filter);
    }

    public bool FenceIs(int page, ReadOnlySpan<byte> id) =>
        _fences.Length == 0 || _fences.AsSpan(page * BlobId.EncodedLength, BlobId.EncodedLength).SequenceEqual(id);

    public bool MayContain(BlobId id) => _filter?.MayContain(BloomKey.Of(IndexKey.Of(id))) ?? true;
}
