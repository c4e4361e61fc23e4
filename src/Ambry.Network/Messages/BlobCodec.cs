using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Bodies of the requests about one blob and of their answers; layouts: docs/formats.md, "Network frame". Pure. Reading
/// answers false, or null, for everything that is not exactly such a body.
/// </summary>
internal static class BlobCodec
{
    private const int NoLength = -1;
    private const byte IncludeDeleted = 1;
    private const byte IncludeExpired = 2;

    public static EncodedFrame EncodePut(PutBlobRequest request)
    {
        var writer = new FrameWriter(64 + request.UserMetadata.Length);
        writer.WriteCount(request.Content.Length);
        writer.Write(Crc32C.Compute(request.Content.Span));
        writer.Write(request.Id);
        writer.Write(request.Properties);
        writer.WriteCount(request.UserMetadata.Length);
        writer.Write(request.UserMetadata.Span);
        return writer.End(MessageType.Put);
    }

    public static PutHead? TryReadPut(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        int contentLength = reader.ReadCount(BlobLimits.MaxContentBytes);
        uint checksum = reader.ReadUInt32();
        BlobId id = reader.ReadId();
        BlobProperties properties = reader.ReadProperties();
        ReadOnlySpan<byte> userMetadata = reader.ReadBytes(reader.ReadCount(BlobLimits.MaxUserMetadataBytes));
        return reader.IsComplete
            ? new PutHead(contentLength, checksum, id, properties, userMetadata.ToArray())
            : null;
    }

    public static EncodedFrame EncodeGet(GetBlobRequest request)
    {
        var writer = new FrameWriter(41);
        writer.Write(request.Id);
        writer.Write(request.Offset);
        writer.Write((uint)(request.Length ?? NoLength));
        writer.Write((byte)((request.IncludeDeleted ? IncludeDeleted : 0)
            | (request.IncludeExpired ? IncludeExpired : 0)));
        return writer.End(MessageType.Get);
    }

    public static GetBlobRequest? TryReadGet(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        BlobId id = reader.ReadId();
        long offset = reader.ReadNumber();
        int length = (int)reader.ReadUInt32();
        byte flags = reader.ReadByte();
        reader.Require(length >= NoLength && flags <= (IncludeDeleted | IncludeExpired));
        return reader.IsComplete
            ? new GetBlobRequest(
                id,
                offset,
                length == NoLength ? null : length,
                (flags & IncludeDeleted) != 0,
                (flags & IncludeExpired) != 0)
            : null;
    }

    public static EncodedFrame EncodeDelete(DeleteBlobRequest request) =>
        EncodeChange(MessageType.Delete, request.Id, request.DeletedAt);

    public static DeleteBlobRequest? TryReadDelete(ReadOnlySpan<byte> body) =>
        TryReadChange(body, out BlobId id, out DateTimeOffset at) ? new DeleteBlobRequest(id, at) : null;

    public static EncodedFrame EncodeUndelete(UndeleteBlobRequest request) =>
        EncodeChange(MessageType.Undelete, request.Id, request.UndeletedAt);

    public static UndeleteBlobRequest? TryReadUndelete(ReadOnlySpan<byte> body) =>
        TryReadChange(body, out BlobId id, out DateTimeOffset at) ? new UndeleteBlobRequest(id, at) : null;

    public static EncodedFrame EncodeUpdateTtl(UpdateTtlRequest request)
    {
        var writer = new FrameWriter(44);
        writer.Write(request.Id);
        writer.Write(request.ExpiresAt);
        writer.Write(request.UpdatedAt);
        return writer.End(MessageType.UpdateTtl);
    }

    public static UpdateTtlRequest? TryReadUpdateTtl(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        var request = new UpdateTtlRequest(reader.ReadId(), reader.ReadOptionalTime(), reader.ReadTime());
        return reader.IsComplete ? request : null;
    }

    public static EncodedFrame EncodeOutcome(PeerError error)
    {
        var writer = new FrameWriter(1);
        writer.Write((byte)error);
        return writer.End(MessageType.Outcome);
    }

    public static PeerError? TryReadOutcome(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        PeerError error = reader.ReadError();
        return reader.IsComplete ? error : null;
    }

    /// <summary>Of a blob in memory: its checksums are made here.</summary>
    public static EncodedFrame EncodeGetAnswer(GetBlobResponse response)
    {
        ReadOnlySpan<byte> content = response.Content.Span;
        var writer = new FrameWriter(64 + response.UserMetadata.Length + BlockChecksums.LengthFor(content.Length));
        WriteGetAnswer(ref writer, content.Length, 0, content.Length, response.Properties!, response.UserMetadata.Span);
        while (!content.IsEmpty)
        {
            ReadOnlySpan<byte> block = content[..Math.Min(content.Length, PeerContent.BlockSizeBytes)];
            writer.Write(Crc32C.Compute(block));
            content = content[block.Length..];
        }

        return writer.End(MessageType.GetAnswer);
    }

    /// <summary>Of a blob in a file: its stored checksums travel with it.</summary>
    public static EncodedFrame EncodeGetAnswer(PeerContent content)
    {
        Invariant.Check(content.BlockChecksums.Length == BlockChecksums.LengthFor(content.Length));
        var writer = new FrameWriter(64 + content.UserMetadata.Length + content.BlockChecksums.Length);
        WriteGetAnswer(
            ref writer,
            content.Length,
            content.RangeOffset,
            content.RangeLength,
            content.Properties,
            content.UserMetadata.Span);
        writer.Write(content.BlockChecksums.Span);
        return writer.End(MessageType.GetAnswer);
    }

    public static GetAnswerHead? TryReadGetAnswer(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        int contentLength = reader.ReadCount(BlobLimits.MaxContentBytes);
        int rangeOffset = reader.ReadCount(contentLength);
        int rangeLength = reader.ReadCount(contentLength - rangeOffset);
        BlobProperties properties = reader.ReadProperties();
        ReadOnlySpan<byte> userMetadata = reader.ReadBytes(reader.ReadCount(BlobLimits.MaxUserMetadataBytes));
        ReadOnlySpan<byte> checksums = reader.ReadBytes(BlockChecksums.LengthFor(contentLength));
        return reader.IsComplete
            ? new GetAnswerHead(
                contentLength, rangeOffset, rangeLength, properties, userMetadata.ToArray(), checksums.ToArray())
            : null;
    }

    private static void WriteGetAnswer(
        ref FrameWriter writer,
        int contentLength,
        int rangeOffset,
        int rangeLength,
        BlobProperties properties,
        ReadOnlySpan<byte> userMetadata)
    {
        writer.WriteCount(contentLength);
        writer.WriteCount(rangeOffset);
        writer.WriteCount(rangeLength);
        writer.Write(properties);
        writer.WriteCount(userMetadata.Length);
        writer.Write(userMetadata);
    }

    private static EncodedFrame EncodeChange(MessageType type, BlobId id, DateTimeOffset at)
    {
        var writer = new FrameWriter(36);
        writer.Write(id);
        writer.Write(at);
        return writer.End(type);
    }

    private static bool TryReadChange(ReadOnlySpan<byte> body, out BlobId id, out DateTimeOffset at)
    {
        var reader = new FieldReader(body);
        id = reader.ReadId();
        at = reader.ReadTime();
        return reader.IsComplete;
    }
}

/// <summary>A PUT before its content, which follows the frame.</summary>
internal sealed record PutHead(
    int ContentLength, uint Checksum, BlobId Id, BlobProperties Properties, byte[] UserMetadata);

/// <summary>An answer to a GET before its content, which follows the frame.</summary>
/// <param name="Checksums">CRC-32C of each block of the content, little-endian.</param>
internal sealed record GetAnswerHead(
    int ContentLength,
    int RangeOffset,
    int RangeLength,
    BlobProperties Properties,
    byte[] UserMetadata,
    byte[] Checksums);
