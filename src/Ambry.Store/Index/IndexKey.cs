using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Store.Index;

/// <summary>
/// The 28 bytes of a blob id as four numbers that compare as the bytes do. Computed once a look-up. Immutable.
/// </summary>
internal readonly record struct IndexKey(ulong First, ulong Second, ulong Third, uint Fourth) : IComparable<IndexKey>
{
    public static IndexKey Of(BlobId id)
    {
        Span<byte> bytes = stackalloc byte[BlobId.EncodedLength];
        id.Write(bytes);
        return Read(bytes);
    }

    public static IndexKey Read(ReadOnlySpan<byte> id) => new(
        BinaryPrimitives.ReadUInt64BigEndian(id),
        BinaryPrimitives.ReadUInt64BigEndian(id[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(id[16..]),
        BinaryPrimitives.ReadUInt32BigEndian(id[24..]));

    /// <summary>Of <paramref name="count"/> ids in ascending order, one each <paramref name="stride"/> bytes, the
    /// place of the last one at or below this key; -1 when all are above.</summary>
    public int LastAtOrBelow(ReadOnlySpan<byte> ids, int stride, int count)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) / 2);
            if (CompareTo(ids.Slice(middle * stride, BlobId.EncodedLength)) >= 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low - 1;
    }

    /// <summary>Compares with the bytes of an id.</summary>
    public int CompareTo(ReadOnlySpan<byte> id)
    {
        // Ids of one partition begin alike: the second number is the one that tells most of them apart.
        ulong other = BinaryPrimitives.ReadUInt64BigEndian(id);
        if (First != other)
        {
            return First < other ? -1 : 1;
        }

        other = BinaryPrimitives.ReadUInt64BigEndian(id[8..]);
        if (Second != other)
        {
            return Second < other ? -1 : 1;
        }

        other = BinaryPrimitives.ReadUInt64BigEndian(id[16..]);
        return Third != other
            ? Third < other ? -1 : 1
            : Fourth.CompareTo(BinaryPrimitives.ReadUInt32BigEndian(id[24..]));
    }

    public int CompareTo(IndexKey other)
    {
        int order = First.CompareTo(other.First);
        order = order != 0 ? order : Second.CompareTo(other.Second);
        order = order != 0 ? order : Third.CompareTo(other.Third);
        return order != 0 ? order : Fourth.CompareTo(other.Fourth);
    }

    public override int GetHashCode() => (int)(BloomKey.Mix(Second ^ (Third * 0x9E3779B97F4A7C15) ^ Fourth) >> 32);
}
