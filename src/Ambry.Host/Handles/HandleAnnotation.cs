using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Ambry.Host.Handles;

/// <summary>
/// What the handle API keeps beside a blob's bytes. There is one encoding of each value: what decodes encodes to the
/// same bytes again. Layout: docs/formats.md, "Handle annotation". Immutable.
/// </summary>
internal sealed record HandleAnnotation
{
    /// <summary>More items than headers fit into a request.</summary>
    public const int ItemsMax = 256;

    private const int FixedBytes = 11;

    /// <summary>"H": no blob of the S3 gateway begins with it.</summary>
    private const byte Magic = 0x48;

    private const byte FormatVersion = 1;
    private const byte PrivateFlag = 1;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>To the millisecond; what clients are told for the life of the blob.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public bool IsPrivate { get; init; }

    public string ServiceId { get; init; } = "";

    public string OwnerId { get; init; } = "";

    public string ContentType { get; init; } = "";

    public string ContentEncoding { get; init; } = "";

    public string Filename { get; init; } = "";

    /// <summary>Names without their prefix, in the order they came.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> UserMetadata { get; init; } = [];

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(256);
        Span<byte> head = output.GetSpan(FixedBytes);
        head[0] = Magic;
        head[1] = FormatVersion;
        head[2] = IsPrivate ? PrivateFlag : (byte)0;
        BinaryPrimitives.WriteInt64LittleEndian(head[3..], CreatedAt.ToUnixTimeMilliseconds());
        output.Advance(FixedBytes);
        foreach (string text in (string[])[ServiceId, OwnerId, ContentType, ContentEncoding, Filename])
        {
            Write(output, text);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(output.GetSpan(2), checked((ushort)UserMetadata.Count));
        output.Advance(2);
        foreach (var item in UserMetadata)
        {
            Write(output, item.Key);
            Write(output, item.Value);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>False when the bytes are not an annotation of a known version, whole and nothing behind it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, out HandleAnnotation? annotation)
    {
        annotation = null;
        if (source.Length < FixedBytes || source[0] != Magic || source[1] != FormatVersion || source[2] > PrivateFlag)
        {
            return false;
        }

        long created = BinaryPrimitives.ReadInt64LittleEndian(source[3..]);
        var rest = source[FixedBytes..];
        if (created < 0 || created > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            || !TryRead(ref rest, out string service) || !TryRead(ref rest, out string owner)
            || !TryRead(ref rest, out string type) || !TryRead(ref rest, out string encoding)
            || !TryRead(ref rest, out string filename) || !TryReadItems(ref rest, out var items) || !rest.IsEmpty)
        {
            return false;
        }

        annotation = new HandleAnnotation
        {
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(created),
            IsPrivate = source[2] == PrivateFlag,
            ServiceId = service,
            OwnerId = owner,
            ContentType = type,
            ContentEncoding = encoding,
            Filename = filename,
            UserMetadata = items,
        };
        return true;
    }

    private static void Write(ArrayBufferWriter<byte> output, string text)
    {
        int length = StrictUtf8.GetByteCount(text);
        Span<byte> target = output.GetSpan(length + 2);
        BinaryPrimitives.WriteUInt16LittleEndian(target, checked((ushort)length));
        StrictUtf8.GetBytes(text, target[2..]);
        output.Advance(length + 2);
    }

    private static bool TryRead(ref ReadOnlySpan<byte> rest, out string text)
    {
        text = "";
        if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16LittleEndian(rest))
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16LittleEndian(rest);
        try
        {
            text = StrictUtf8.GetString(rest.Slice(2, length));
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        rest = rest[(length + 2)..];
        return true;
    }

    private static bool TryReadItems(
        ref ReadOnlySpan<byte> rest, out IReadOnlyList<KeyValuePair<string, string>> items)
    {
        items = [];
        if (rest.Length < 2 || BinaryPrimitives.ReadUInt16LittleEndian(rest) > ItemsMax)
        {
            return false;
        }

        var read = new KeyValuePair<string, string>[BinaryPrimitives.ReadUInt16LittleEndian(rest)];
        rest = rest[2..];
        for (int i = 0; i < read.Length; i++)
        {
            if (!TryRead(ref rest, out string name) || !TryRead(ref rest, out string value))
            {
                return false;
            }

            read[i] = new(name, value);
        }

        items = read;
        return true;
    }
}
