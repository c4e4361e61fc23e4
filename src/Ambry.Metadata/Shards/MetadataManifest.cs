using System.Buffers.Binary;
using Ambry.Log;
using Ambry.Metadata.State;

namespace Ambry.Metadata.Shards;

/// <summary>
/// What is fixed when a mapping's folder is created: the number of shards, by which keys were placed. One small file,
/// written under another name and renamed; docs/formats.md, "Mapping: node log entry".
/// </summary>
internal static class MetadataManifest
{
    private const uint Magic = 0x4D424D41;
    private const ushort Version = 1;
    private const int Bytes = 16;

    /// <summary>Reads the number of shards, or fixes it in a new folder.</summary>
    /// <exception cref="CorruptRecordException">The file is there and is not a manifest.</exception>
    public static async ValueTask<int> ReadOrCreateAsync(
        IDisk disk, string folder, int shardCount, CancellationToken token)
    {
        string path = $"{folder}/manifest";
        if (!disk.FileExists(path))
        {
            await CreateAsync(disk, folder, path, shardCount, token);
            return shardCount;
        }

        byte[] bytes = new byte[Bytes];
        using var file = disk.Open(path, create: false);
        int read = await file.ReadAsync(0, bytes, token);
        return read == Bytes && TryDecode(bytes, out int stored)
            ? stored
            : throw new CorruptRecordException($"{path} is not the manifest of a mapping.");
    }

    internal static bool TryDecode(ReadOnlySpan<byte> bytes, out int shardCount)
    {
        shardCount = 0;
        if (bytes.Length != Bytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]) != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) != StableHash.Of(bytes[..8]))
        {
            return false;
        }

        shardCount = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        return shardCount > 0;
    }

    private static async ValueTask CreateAsync(
        IDisk disk, string folder, string path, int shardCount, CancellationToken token)
    {
        byte[] bytes = new byte[Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), checked((ushort)shardCount));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), StableHash.Of(bytes.AsSpan(0, 8)));
        string draft = path + ".tmp";
        using (var file = disk.Open(draft, create: true))
        {
            file.Truncate(0);
            await file.WriteAsync(0, [bytes], token);
            // The content before the name: a manifest that exists is whole.
            await file.SyncAsync(token);
        }

        disk.Rename(draft, path);
        await disk.SyncDirectoryAsync(folder, token);
    }
}
