using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;

namespace Ambry.Protocol;

/// <summary>
/// Names a blob for ever. It carries the partition, so that no look-up stands between an id and its replicas.
/// Immutable; the byte layout is drawn in docs/formats.md, "Blob id".
/// </summary>
public readonly record struct BlobId
{
    /// <summary>Bytes of an encoded id.</summary>
    public const int EncodedLength = 28;

    private const byte Version = 1;

    public BlobId(
        DataCenterId origin, ushort account, ushort container, PartitionId partition, BlobKind kind, Guid uuid)
    {
        Origin = origin;
        Account = account;
        Container = container;
        Partition = partition;
        Kind = kind;
        Uuid = uuid;
    }

    /// <summary>
    /// The data centre that wrote the blob; only its replicas may testify that the blob does not exist.
    /// </summary>
    public DataCenterId Origin { get; }

    public ushort Account { get; }

    public ushort Container { get; }

    public PartitionId Partition { get; }

    public BlobKind Kind { get; }

    public Guid Uuid { get; }

    /// <summary>Reads an id from the first <see cref="EncodedLength"/> bytes; false when they are not an id.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out BlobId id)
    {
        id = default;
        if (source.Length < EncodedLength || source[0] != Version || source[1] is < 1 or > 3 || source[3] != 0)
        {
            return false;
        }

        id = new BlobId(
            new DataCenterId(source[2]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[6..]),
            new PartitionId(BinaryPrimitives.ReadUInt32LittleEndian(source[8..])),
            (BlobKind)source[1],
            new Guid(source.Slice(12, 16), bigEndian: true));
        return true;
    }

    /// <summary>Parses the text form, base64url without padding; false when it is not an id.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out BlobId id)
    {
        Span<byte> bytes = stackalloc byte[EncodedLength];
        id = default;
        return text.Length == Base64Url.GetEncodedLength(EncodedLength)
            && Base64Url.DecodeFromChars(text, bytes, out _, out int written) == OperationStatus.Done
            && written == EncodedLength
            && TryRead(bytes, out id);
    }

    /// <summary>Writes the <see cref="EncodedLength"/> bytes of the id.</summary>
    public void Write(Span<byte> destination)
    {
        destination[0] = Version;
        destination[1] = (byte)Kind;
        destination[2] = Origin.Value;
        destination[3] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], Account);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], Container);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], Partition.Value);
        Uuid.TryWriteBytes(destination.Slice(12, 16), bigEndian: true, out _);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[EncodedLength];
        Write(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
