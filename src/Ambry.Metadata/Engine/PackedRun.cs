using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Metadata.Engine;

/// <summary>What a packed run holds.</summary>
internal enum RunKind : byte
{
    Leaf = 1,
    Directory = 2,
    Root = 3,
}

/// <summary>
/// A sorted run of keys and values as one document's bytes, decoded: a leaf's entries, or a directory page's lower bounds and leaf ids.
/// Immutable, so any thread may read it. Layout in docs/formats.md, "Mapping: leaf document"; written by <see cref="PackedRunWriter"/>.
/// </summary>
internal sealed class PackedRun
{
    public const byte FormatVersion = 1;
    public const int HeaderBytes = 16;

    private readonly byte[] _payload;
    private readonly byte[] _keys;
    private readonly Slot[] _slots;

    private PackedRun(byte[] payload, byte[] keys, Slot[] slots)
    {
        _payload = payload;
        _keys = keys;
        _slots = slots;
    }

    public int Count => _slots.Length;

    /// <summary>What it costs to keep, for the cache.</summary>
    public int MemoryBytes => _payload.Length + _keys.Length + (_slots.Length * 16) + 160;

    public ShardItem this[int index] => new(KeyAt(index), ValueAt(index));

    public ReadOnlyMemory<byte> KeyAt(int index) =>
        _keys.AsMemory(_slots[index].KeyStart, _slots[index].KeyLength);

    public ReadOnlyMemory<byte> ValueAt(int index) =>
        _payload.AsMemory(_slots[index].ValueStart, _slots[index].ValueLength);

    /// <summary>The index of the key, or the complement of the first greater one's.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = _slots.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = KeyAt(middle).Span.SequenceCompareTo(key);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>Decodes and verifies; takes over the array.</summary>
    /// <exception cref="CorruptRecordException">Not the run of this kind and id, or damaged.</exception>
    public static PackedRun Decode(byte[] payload, RunKind kind, int id)
    {
        Require(payload.Length >= HeaderBytes, kind, id);
        var header = payload.AsSpan(0, HeaderBytes);
        Require(BinaryPrimitives.ReadUInt32LittleEndian(header) == Crc32C.Compute(payload.AsSpan(4)), kind, id);
        Require(header[4] == FormatVersion && header[5] == (byte)kind, kind, id);
        Require(BinaryPrimitives.ReadInt32LittleEndian(header[8..]) == id, kind, id);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header[6..]);
        var keyBytes = BinaryPrimitives.ReadInt32LittleEndian(header[12..]);
        Require(keyBytes >= 0 && count <= payload.Length, kind, id);
        return DecodeEntries(payload, kind, id, new Slot[count], new byte[keyBytes]);
    }

    private static PackedRun DecodeEntries(byte[] payload, RunKind kind, int id, Slot[] slots, byte[] keys)
    {
        var reader = new VarintReader(payload, HeaderBytes);
        var end = 0;
        var previous = default(Slot);
        for (var i = 0; i < slots.Length; i++)
        {
            var shared = reader.ReadLength();
            var suffix = reader.ReadLength();
            var value = reader.ReadLength();
            var length = shared + suffix;
            Require(shared <= previous.KeyLength && length <= keys.Length - end
                && suffix <= reader.Remaining && value <= reader.Remaining - suffix, kind, id);

            keys.AsSpan(previous.KeyStart, shared).CopyTo(keys.AsSpan(end));
            payload.AsSpan(reader.Position, suffix).CopyTo(keys.AsSpan(end + shared));
            reader.Position += suffix;
            var slot = new Slot(end, length, reader.Position, value);
            Require(i == 0 || KeyOf(keys, previous).SequenceCompareTo(KeyOf(keys, slot)) < 0, kind, id);
            slots[i] = slot;
            reader.Position += value;
            end += length;
            previous = slot;
        }

        Require(end == keys.Length && reader.Remaining == 0, kind, id);
        return new PackedRun(payload, keys, slots);
    }

    private static ReadOnlySpan<byte> KeyOf(byte[] keys, Slot slot) => keys.AsSpan(slot.KeyStart, slot.KeyLength);

    private static void Require(bool condition, RunKind kind, int id)
    {
        if (!condition)
        {
            throw new CorruptRecordException($"{kind} document {id} fails its checksum or its layout.");
        }
    }

    private readonly record struct Slot(int KeyStart, int KeyLength, int ValueStart, int ValueLength);
}
