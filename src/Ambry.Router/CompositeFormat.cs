using System.Buffers.Binary;
using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// The content of a metadata blob: the parts in order, with their sizes. A part is a chunk, a simple blob or, one level deep,
/// another composite. Layout: docs/formats.md, "Composite blob". Pure.
/// </summary>
internal static class CompositeFormat
{
    public const int HeaderLength = 24;
    public const int EntryLength = 8 + BlobId.EncodedLength;

    private const uint Magic = 0x4D434241; // "ABCM"
    private const uint Version = 1;

    public static int EncodedLength(int partCount) => HeaderLength + (partCount * EntryLength);

    /// <summary>The most parts whose list fits into one blob of this size.</summary>
    public static int MaxParts(int blobSizeBytes) => (blobSizeBytes - HeaderLength) / EntryLength;

    /// <summary>Writes exactly <see cref="EncodedLength"/> bytes.</summary>
    public static void Write(IReadOnlyList<BlobPart> parts, Span<byte> destination)
    {
        long totalBytes = 0;
        for (int i = 0; i < parts.Count; i++)
        {
            Span<byte> entry = destination.Slice(EncodedLength(i), EntryLength);
            BinaryPrimitives.WriteInt64LittleEndian(entry, parts[i].SizeBytes);
            parts[i].Id.Write(entry[8..]);
            totalBytes = checked(totalBytes + parts[i].SizeBytes);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Version);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], totalBytes);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], parts.Count);
        BinaryPrimitives.WriteInt32LittleEndian(destination[20..], 0);
    }

    /// <summary>Reads the total size from the first <see cref="HeaderLength"/> bytes; false when they are not a header.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> source, out long totalBytes, out int partCount)
    {
        totalBytes = 0;
        partCount = 0;
        if (source.Length < HeaderLength
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[4..]) != Version
            || BinaryPrimitives.ReadInt32LittleEndian(source[20..]) != 0)
        {
            return false;
        }

        totalBytes = BinaryPrimitives.ReadInt64LittleEndian(source[8..]);
        partCount = BinaryPrimitives.ReadInt32LittleEndian(source[16..]);
        return totalBytes >= 0 && partCount >= 1 && partCount <= MaxParts(BlobLimits.MaxContentBytes);
    }

    /// <summary>Reads the whole list; false when the bytes are not exactly one, or the sizes do not add up.</summary>
    /// <param name="allowComposites">False inside a composite: lists nest one level.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, bool allowComposites, out BlobPart[] parts)
    {
        parts = [];
        if (!TryReadHeader(source, out long totalBytes, out int partCount) || source.Length != EncodedLength(partCount))
        {
            return false;
        }

        var read = new BlobPart[partCount];
        long sum = 0;
        for (int i = 0; i < read.Length; i++)
        {
            ReadOnlySpan<byte> entry = source.Slice(EncodedLength(i), EntryLength);
            long sizeBytes = BinaryPrimitives.ReadInt64LittleEndian(entry);
            if (!BlobId.TryRead(entry[8..], out BlobId id) || !IsPart(id.Kind, sizeBytes, allowComposites)
                || sizeBytes > totalBytes - sum)
            {
                return false;
            }

            sum += sizeBytes;
            read[i] = new BlobPart(id, sizeBytes);
        }

        parts = read;
        return sum == totalBytes;
    }

    /// <summary>Whether a blob of this kind and size may be a part.</summary>
    public static bool IsPart(BlobKind kind, long sizeBytes, bool allowComposites) =>
        sizeBytes >= 0 && (kind == BlobKind.Composite ? allowComposites : sizeBytes <= BlobLimits.MaxContentBytes);
}
