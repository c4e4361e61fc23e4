using System.Buffers.Binary;

namespace Ambry.Metadata.State;

/// <summary>
/// FNV-1a over 64 bits with a final mix: small, the same on every machine and in every version. It decides where keys
/// live, so it never changes. Not for input that must resist collisions on purpose: the worst is an uneven spread.
/// </summary>
internal static class StableHash
{
    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    public static ulong Of(ReadOnlySpan<byte> bytes) => Mix(Add(Basis, bytes));

    public static ulong Of(BucketId bucket, ObjectKey key)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(number, bucket.Value);
        return Mix(Add(Add(Basis, number), key.Span));
    }

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            hash = (hash ^ value) * Prime;
        }

        return hash;
    }

    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
