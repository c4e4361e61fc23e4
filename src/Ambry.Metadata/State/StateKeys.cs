using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Metadata.State;

/// <summary>
/// The keys of a shard's state: a table, what it is ordered by, and names in an order-preserving, prefix-free form;
/// drawn in docs/formats.md, "Mapping: keys and values of a shard". Names are cut into groups of eight bytes, each
/// followed by how many of them are used (9: all, and more follow), because escaping zero bytes would double a name of
/// zeros and break the limit on keys.
/// </summary>
internal static class StateKeys
{
    public const byte CounterTable = 0x01;
    public const byte BucketTable = 0x02;
    public const byte ClosedTable = 0x04;
    public const byte ObjectTable = 0x10;
    public const byte UploadTable = 0x20;
    public const byte PartTable = 0x21;
    public const byte HolderTable = 0x30;
    public const byte ReclaimTable = 0x40;

    /// <summary>Behind a name in the object table: the current version. Older ones follow it, newest first.</summary>
    public const byte CurrentVersion = 0x00;

    public const byte OlderVersion = 0x01;

    private const int Group = 8;
    private const byte MoreFollows = Group + 1;
    private const int NameOffset = 1 + sizeof(uint);

    public static byte[] NextBucket { get; } = [CounterTable, 1];

    public static byte[] NextReclaim { get; } = [CounterTable, 2];

    public static byte[] Table(byte table) => [table];

    public static byte[] Bucket(string name)
    {
        byte[] key = new byte[1 + System.Text.Encoding.UTF8.GetByteCount(name)];
        key[0] = BucketTable;
        System.Text.Encoding.UTF8.GetBytes(name, key.AsSpan(1));
        return key;
    }

    public static byte[] Closed(BucketId bucket) => BucketPrefix(ClosedTable, bucket);

    /// <summary>Begins every key of a bucket in a table.</summary>
    public static byte[] BucketPrefix(byte table, BucketId bucket)
    {
        byte[] key = new byte[NameOffset];
        WriteBucket(key, table, bucket);
        return key;
    }

    public static byte[] Object(BucketId bucket, ObjectKey key)
    {
        byte[] state = Name(ObjectTable, bucket, key.Span, suffix: 1);
        state[^1] = CurrentVersion;
        return state;
    }

    public static byte[] Upload(BucketId bucket, ObjectKey key, Guid upload)
    {
        byte[] state = Name(UploadTable, bucket, key.Span, suffix: 16);
        upload.TryWriteBytes(state.AsSpan(state.Length - 16), bigEndian: true, out _);
        return state;
    }

    public static byte[] Part(BucketId bucket, ObjectKey key, Guid upload, int number)
    {
        byte[] state = Name(PartTable, bucket, key.Span, suffix: 18);
        upload.TryWriteBytes(state.AsSpan(state.Length - 18), bigEndian: true, out _);
        BinaryPrimitives.WriteUInt16BigEndian(state.AsSpan(state.Length - 2), (ushort)number);
        return state;
    }

    public static byte[] Holder(BlobId blob, Guid holder)
    {
        byte[] state = new byte[1 + BlobId.EncodedLength + 16];
        state[0] = HolderTable;
        blob.Write(state.AsSpan(1));
        holder.TryWriteBytes(state.AsSpan(1 + BlobId.EncodedLength), bigEndian: true, out _);
        return state;
    }

    public static byte[] HolderPrefix(BlobId blob) => Holder(blob, Guid.Empty)[..^16];

    public static byte[] Reclaim(ulong sequence)
    {
        byte[] state = new byte[1 + sizeof(ulong)];
        state[0] = ReclaimTable;
        BinaryPrimitives.WriteUInt64BigEndian(state.AsSpan(1), sequence);
        return state;
    }

    public static ulong ReclaimSequence(ReadOnlySpan<byte> stateKey) =>
        BinaryPrimitives.ReadUInt64BigEndian(stateKey[1..]);

    /// <summary>
    /// The key of a name without suffix. It sorts before all keys of this name and behind those of all smaller names,
    /// so it bounds scans;
    /// <paramref name="name"/> may be empty.
    /// </summary>
    public static byte[] Name(byte table, BucketId bucket, ReadOnlySpan<byte> name, int suffix = 0)
    {
        int groups = Math.Max(1, (name.Length + Group - 1) / Group);
        byte[] state = new byte[NameOffset + (groups * (Group + 1)) + suffix];
        WriteBucket(state, table, bucket);
        int at = NameOffset;
        for (int i = 0; i < groups; i++)
        {
            var part = name.Slice(i * Group, Math.Min(Group, name.Length - (i * Group)));
            part.CopyTo(state.AsSpan(at));
            at += Group;
            state[at++] = i == groups - 1 ? (byte)part.Length : MoreFollows;
        }

        return state;
    }

    /// <summary>Takes the name out of a key; false when the key is not of that form.</summary>
    public static bool TryReadName(ReadOnlySpan<byte> stateKey, out byte[] name, out int suffixOffset)
    {
        name = [];
        suffixOffset = NameOffset;
        int groups = 0;
        while (true)
        {
            int end = NameOffset + ((groups + 1) * (Group + 1));
            if (end > stateKey.Length || stateKey[end - 1] > MoreFollows)
            {
                return false;
            }

            groups++;
            if (stateKey[end - 1] == MoreFollows)
            {
                continue;
            }

            name = new byte[((groups - 1) * Group) + stateKey[end - 1]];
            for (int i = 0; i < groups; i++)
            {
                int bytes = Math.Min(Group, name.Length - (i * Group));
                stateKey.Slice(NameOffset + (i * (Group + 1)), bytes).CopyTo(name.AsSpan(i * Group));
            }

            suffixOffset = end;
            return true;
        }
    }

    /// <summary>The smallest bytes behind everything that begins with a prefix; null when there are none.</summary>
    public static byte[]? Successor(ReadOnlySpan<byte> prefix)
    {
        int last = prefix.LastIndexOfAnyExcept((byte)0xFF);
        if (last < 0)
        {
            return null;
        }

        byte[] successor = prefix[..(last + 1)].ToArray();
        successor[last]++;
        return successor;
    }

    private static void WriteBucket(Span<byte> state, byte table, BucketId bucket)
    {
        state[0] = table;
        BinaryPrimitives.WriteUInt32BigEndian(state[1..], bucket.Value);
    }
}
