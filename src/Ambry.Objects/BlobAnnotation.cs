using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Ambry.Metadata;

namespace Ambry.Objects;

/// <summary>
/// What is stored beside a blob's bytes so that the mapping can be rebuilt from the blobs alone: which name it was
/// written for and what that name carried. Layout: docs/formats.md, "Blob annotation". Pure.
/// </summary>
internal sealed record BlobAnnotation
{
    private const byte FormatVersion = 1;

    /// <summary>As many as the mapping takes.</summary>
    private const int MaxItems = 512;

    public required uint BucketId { get; init; }

    public required string BucketName { get; init; }

    public required ReadOnlyMemory<byte> Key { get; init; }

    public required string Owner { get; init; }

    /// <summary>The holder id of the name, or the upload id of a part.</summary>
    public required Guid Holder { get; init; }

    /// <summary>0 for a whole object.</summary>
    public int PartNumber { get; init; }

    /// <summary>Empty where it was not known when the blob was begun.</summary>
    public string ETag { get; init; } = "";

    public IReadOnlyList<NameValue> Headers { get; init; } = [];

    public IReadOnlyList<NameValue> UserMetadata { get; init; } = [];

    public ReadOnlyMemory<byte> Encode()
    {
        var output = new ArrayBufferWriter<byte>(256);
        Span<byte> fixedPart = output.GetSpan(25);
        fixedPart[0] = FormatVersion;
        BinaryPrimitives.WriteUInt32LittleEndian(fixedPart[1..], BucketId);
        BinaryPrimitives.WriteInt32LittleEndian(fixedPart[5..], PartNumber);
        Holder.TryWriteBytes(fixedPart.Slice(9, 16), bigEndian: true, out _);
        output.Advance(25);
        WriteBytes(output, Key.Span);
        WriteText(output, BucketName);
        WriteText(output, Owner);
        WriteText(output, ETag);
        WriteItems(output, Headers);
        WriteItems(output, UserMetadata);
        return output.WrittenMemory;
    }

    /// <summary>False when the bytes are not an annotation of a known version.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> source, out BlobAnnotation? annotation)
    {
        annotation = null;
        var span = source.Span;
        if (span.Length < 25 || span[0] != FormatVersion)
        {
            return false;
        }

        int at = 25;
        if (!TryReadBytes(source, ref at, out var key) || !TryReadText(source, ref at, out string bucket)
            || !TryReadText(source, ref at, out string owner) || !TryReadText(source, ref at, out string etag)
            || !TryReadItems(source, ref at, out var headers) || !TryReadItems(source, ref at, out var userMetadata)
            || at != source.Length)
        {
            return false;
        }

        annotation = new BlobAnnotation
        {
            BucketId = BinaryPrimitives.ReadUInt32LittleEndian(span[1..]),
            PartNumber = BinaryPrimitives.ReadInt32LittleEndian(span[5..]),
            Holder = new Guid(span.Slice(9, 16), bigEndian: true),
            Key = key,
            BucketName = bucket,
            Owner = owner,
            ETag = etag,
            Headers = headers,
            UserMetadata = userMetadata,
        };
        return true;
    }

    private static void WriteBytes(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> value)
    {
        Span<byte> target = output.GetSpan(value.Length + 2);
        BinaryPrimitives.WriteUInt16LittleEndian(target, checked((ushort)value.Length));
        value.CopyTo(target[2..]);
        output.Advance(value.Length + 2);
    }

    private static void WriteText(ArrayBufferWriter<byte> output, string value) =>
        WriteBytes(output, Encoding.UTF8.GetBytes(value));

    private static void WriteItems(ArrayBufferWriter<byte> output, IReadOnlyList<NameValue> items)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), checked((ushort)items.Count));
        output.Advance(2);
        foreach (var item in items)
        {
            WriteText(output, item.Name);
            WriteText(output, item.Value);
        }
    }

    private static bool TryReadBytes(ReadOnlyMemory<byte> source, ref int at, out ReadOnlyMemory<byte> value)
    {
        value = default;
        if (source.Length - at < 2)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(source.Span[at..]);
        if (source.Length - at - 2 < length)
        {
            return false;
        }

        value = source.Slice(at + 2, length);
        at += 2 + length;
        return true;
    }

    private static bool TryReadText(ReadOnlyMemory<byte> source, ref int at, out string value)
    {
        bool read = TryReadBytes(source, ref at, out var bytes);
        value = read ? Encoding.UTF8.GetString(bytes.Span) : "";
        return read;
    }

    private static bool TryReadItems(ReadOnlyMemory<byte> source, ref int at, out List<NameValue> items)
    {
        items = [];
        if (source.Length - at < 2)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(source.Span[at..]);
        at += 2;
        if (count > MaxItems)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (!TryReadText(source, ref at, out string name) || !TryReadText(source, ref at, out string value))
            {
                return false;
            }

            items.Add(new NameValue(name, value));
        }

        return true;
    }
}
