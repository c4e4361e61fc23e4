using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Protocol;

namespace Ambry.Store;

/// <summary>
/// Written once, when a store is created: which partition the folder is a replica of, and an id that no other store
/// ever had, so that a token of a replica that was replaced is recognised. Layout: docs/formats.md. Immutable.
/// </summary>
internal readonly record struct StoreDescriptor(PartitionId Partition, Guid Incarnation, long CreatedAtMillis)
{
    public const int EncodedLength = 44;
    public const string FileName = "store.descriptor";

    private const ushort Version = 1;
    private const int ChecksumOffset = EncodedLength - sizeof(uint);

    private static ReadOnlySpan<byte> Magic => "AMBRYSTO"u8;

    public static bool TryRead(ReadOnlySpan<byte> source, out StoreDescriptor descriptor)
    {
        descriptor = default;
        if (source.Length != EncodedLength || !source.StartsWith(Magic)
            || BinaryPrimitives.ReadUInt16LittleEndian(source[8..]) != Version
            || BinaryPrimitives.ReadUInt16LittleEndian(source[10..]) != 0
            || ReadChecksum(source) != Crc32C.Compute(source[..ChecksumOffset]))
        {
            return false;
        }

        descriptor = new StoreDescriptor(
            new PartitionId(BinaryPrimitives.ReadUInt32LittleEndian(source[12..])),
            new Guid(source.Slice(16, 16), bigEndian: true),
            BinaryPrimitives.ReadInt64LittleEndian(source[32..]));
        return true;
    }

    private static uint ReadChecksum(ReadOnlySpan<byte> source) =>
        BinaryPrimitives.ReadUInt32LittleEndian(source[ChecksumOffset..]);

    public void Write(Span<byte> destination)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Partition.Value);
        Incarnation.TryWriteBytes(destination.Slice(16, 16), bigEndian: true, out _);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], CreatedAtMillis);
        uint checksum = Crc32C.Compute(destination[..ChecksumOffset]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[ChecksumOffset..], checksum);
    }

    /// <summary>Null when there is none.</summary>
    /// <exception cref="StoreFormatException">It is there, but not readable.</exception>
    public static async ValueTask<StoreDescriptor?> ReadAsync(IDisk disk, string folder, CancellationToken token)
    {
        string path = $"{folder}/{FileName}";
        if (!disk.FileExists(path))
        {
            return null;
        }

        byte[] bytes = new byte[EncodedLength + 1];
        using IDiskFile file = disk.Open(path, create: false);
        int read = await file.ReadAsync(0, bytes, token);
        return TryRead(bytes.AsSpan(0, read), out StoreDescriptor descriptor)
            ? descriptor
            : throw new StoreFormatException(
                $"The descriptor of the store in '{folder}' is damaged or of a newer version.");
    }

    /// <summary>When it returns, the descriptor is durable; a crash before leaves none.</summary>
    public ValueTask WriteAsync(IDisk disk, string folder, CancellationToken token)
    {
        byte[] bytes = new byte[EncodedLength];
        Write(bytes);
        return disk.WriteAtomicAsync($"{folder}/{FileName}", bytes, token);
    }
}
