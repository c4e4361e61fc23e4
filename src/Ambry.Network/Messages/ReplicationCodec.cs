using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Bodies of what nodes ask each other for beside blobs; layouts: docs/formats.md, "Network frame". Pure. Reading
/// answers null for everything that is not exactly such a body.
/// </summary>
internal static class ReplicationCodec
{
    private const int PositionLength = sizeof(uint) + (2 * FindToken.EncodedLength);
    private const int EntryLength = 63;
    private const int MinChangesLength = 57;
    private const int MinBlobLength = BlobId.EncodedLength + 1;

    public static EncodedFrame Encode(ReplicaMetadataRequest request)
    {
        var writer = new FrameWriter(300 + (request.Positions.Count * PositionLength));
        writer.WriteCount(request.MaxEntries);
        writer.Write(request.Requester);
        writer.WriteCount(request.Positions.Count);
        foreach (ReplicaPosition position in request.Positions)
        {
            writer.Write(position.Partition.Value);
            writer.Write(position.Next);
            writer.Write(position.Durable);
        }

        return writer.End(MessageType.ReplicaMetadata);
    }

    public static ReplicaMetadataRequest? TryReadMetadataRequest(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        int maxEntries = reader.ReadCount(PeerLimits.MaxEntriesPerResponse);
        DataNodeId requester = reader.ReadNode();
        int count = reader.ReadCount(PeerLimits.MaxPartitionsPerRequest);
        reader.Require(maxEntries > 0 && reader.Remaining == count * PositionLength);
        if (reader.IsFailed)
        {
            return null;
        }

        var positions = new ReplicaPosition[count];
        foreach (ref ReplicaPosition position in positions.AsSpan())
        {
            position = new ReplicaPosition(
                new PartitionId(reader.ReadUInt32()), reader.ReadToken(), reader.ReadToken());
        }

        return reader.IsComplete ? new ReplicaMetadataRequest(requester, positions, maxEntries) : null;
    }

    public static EncodedFrame Encode(ReplicaMetadataResponse response)
    {
        var writer = new FrameWriter(64 + response.Partitions.Sum(
            changes => MinChangesLength + (changes.Entries.Count * EntryLength)));
        writer.WriteCount(response.Partitions.Count);
        foreach (ReplicaChanges changes in response.Partitions)
        {
            writer.Write(changes.Partition.Value);
            writer.Write((byte)changes.Error);
            writer.Write(changes.Next);
            writer.Write(changes.LastLsn);
            writer.Write(changes.LagBytes);
            writer.WriteCount(changes.Entries.Count);
            foreach (StoreEntry entry in changes.Entries)
            {
                Write(ref writer, entry);
            }
        }

        return writer.End(MessageType.ReplicaMetadataAnswer);
    }

    public static ReplicaMetadataResponse? TryReadMetadataAnswer(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        int count = reader.ReadCount(PeerLimits.MaxPartitionsPerRequest);
        reader.Require(reader.Remaining >= count * MinChangesLength);
        if (reader.IsFailed)
        {
            return null;
        }

        var partitions = new ReplicaChanges[count];
        int entriesLeft = PeerLimits.MaxEntriesPerResponse;
        for (int i = 0; i < count && !reader.IsFailed; i++)
        {
            partitions[i] = ReadChanges(ref reader, ref entriesLeft);
        }

        return reader.IsComplete ? new ReplicaMetadataResponse(PeerError.None, partitions) : null;
    }

    public static EncodedFrame Encode(FetchBlobsRequest request)
    {
        var writer = new FrameWriter(300 + (request.Ids.Count * BlobId.EncodedLength));
        writer.Write(request.Requester);
        writer.Write(request.Partition.Value);
        writer.WriteCount(request.Ids.Count);
        foreach (BlobId id in request.Ids)
        {
            writer.Write(id);
        }

        return writer.End(MessageType.FetchBlobs);
    }

    public static FetchBlobsRequest? TryReadFetch(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        DataNodeId requester = reader.ReadNode();
        var partition = new PartitionId(reader.ReadUInt32());
        int count = reader.ReadCount(PeerLimits.MaxBlobsPerFetch);
        reader.Require(count > 0 && reader.Remaining == count * BlobId.EncodedLength);
        if (reader.IsFailed)
        {
            return null;
        }

        var ids = new BlobId[count];
        foreach (ref BlobId id in ids.AsSpan())
        {
            id = reader.ReadId();
            reader.Require(id.Partition == partition);
        }

        return reader.IsComplete ? new FetchBlobsRequest(requester, partition, ids) : null;
    }

    /// <summary>What follows the frame is, for each blob that has content, its user metadata and its content.</summary>
    public static EncodedFrame Encode(FetchBlobsResponse response)
    {
        var writer = new FrameWriter(64 + (response.Blobs.Count * 72));
        writer.WriteCount(response.Blobs.Sum(blob => blob.UserMetadata.Length + blob.Content.Length));
        writer.WriteCount(response.Blobs.Count);
        foreach (FetchedBlob blob in response.Blobs)
        {
            writer.Write(blob.Id);
            writer.Write((byte)blob.Error);
            if (blob.Error == PeerError.None)
            {
                writer.Write(blob.Properties!);
                writer.WriteCount(blob.UserMetadata.Length);
                writer.WriteCount(blob.Content.Length);
                writer.Write(Crc32C.Append(Crc32C.Compute(blob.UserMetadata.Span), blob.Content.Span));
            }
        }

        return writer.End(MessageType.FetchBlobsAnswer);
    }

    public static FetchAnswerHead? TryReadFetchAnswer(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        int length = reader.ReadCount(PeerLimits.MaxFetchBytes);
        int count = reader.ReadCount(PeerLimits.MaxBlobsPerFetch);
        reader.Require(reader.Remaining >= count * MinBlobLength);
        if (reader.IsFailed)
        {
            return null;
        }

        var blobs = new FetchedHead[count];
        long sum = 0;
        foreach (ref FetchedHead blob in blobs.AsSpan())
        {
            blob = ReadFetched(ref reader);
            sum += (long)blob.UserMetadataLength + blob.ContentLength;
        }

        reader.Require(sum == length);
        return reader.IsComplete ? new FetchAnswerHead(length, blobs) : null;
    }

    public static EncodedFrame EncodeMapRequest(long knownVersion)
    {
        var writer = new FrameWriter(8);
        writer.Write(knownVersion);
        return writer.End(MessageType.ClusterMap);
    }

    public static long? TryReadMapRequest(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        long version = reader.ReadNumber();
        return reader.IsComplete ? version : null;
    }

    public static EncodedFrame Encode(ClusterMapResponse response)
    {
        var writer = new FrameWriter(8 + response.Json.Length);
        writer.Write(response.Version);
        writer.Write(response.Json.Span);
        return writer.End(MessageType.ClusterMapAnswer);
    }

    public static ClusterMapResponse? TryReadMapAnswer(ReadOnlySpan<byte> body)
    {
        var reader = new FieldReader(body);
        long version = reader.ReadNumber();
        ReadOnlySpan<byte> json = reader.ReadRest();
        return reader.IsComplete ? new ClusterMapResponse(PeerError.None, version, json.ToArray()) : null;
    }

    private static FetchedHead ReadFetched(ref FieldReader reader)
    {
        BlobId id = reader.ReadId();
        PeerError error = reader.ReadError();
        return error != PeerError.None
            ? new FetchedHead(id, error, null, 0, 0, 0)
            : new FetchedHead(
                id,
                error,
                reader.ReadProperties(),
                reader.ReadCount(BlobLimits.MaxUserMetadataBytes),
                reader.ReadCount(BlobLimits.MaxContentBytes),
                reader.ReadUInt32());
    }

    private static ReplicaChanges ReadChanges(ref FieldReader reader, ref int entriesLeft)
    {
        var partition = new PartitionId(reader.ReadUInt32());
        PeerError error = reader.ReadError();
        FindToken next = reader.ReadToken();
        long lastLsn = reader.ReadNumber();
        long lagBytes = reader.ReadNumber();
        int count = reader.ReadCount(entriesLeft);
        reader.Require(reader.Remaining >= count * EntryLength);
        var entries = reader.IsFailed ? [] : new StoreEntry[count];
        entriesLeft -= entries.Length;
        foreach (ref StoreEntry entry in entries.AsSpan())
        {
            entry = ReadEntry(ref reader);
        }

        return new ReplicaChanges(partition, error, next, lastLsn, lagBytes, entries);
    }

    private static void Write(ref FrameWriter writer, StoreEntry entry)
    {
        writer.Write(entry.Lsn);
        writer.Write(entry.Id);
        writer.Write((byte)entry.Kind);
        writer.Write(entry.LifeVersion);
        writer.Write(entry.OperationTime);
        writer.Write(entry.ExpiresAt);
        writer.WriteCount(entry.SizeBytes);
        writer.Write(entry.ContentCrc);
    }

    private static StoreEntry ReadEntry(ref FieldReader reader)
    {
        long lsn = reader.ReadNumber();
        BlobId id = reader.ReadId();
        byte kind = reader.ReadByte();
        reader.Require(kind is >= (byte)StoreRecordKind.Put and <= (byte)StoreRecordKind.Undelete);
        return new StoreEntry(
            lsn,
            id,
            (StoreRecordKind)kind,
            reader.ReadUInt16(),
            reader.ReadTime(),
            reader.ReadOptionalTime(),
            reader.ReadCount(BlobLimits.MaxContentBytes),
            reader.ReadUInt32());
    }
}

/// <summary>An answer to a fetch before the bytes that follow the frame.</summary>
internal sealed record FetchAnswerHead(int ContentLength, FetchedHead[] Blobs);

/// <param name="Checksum">CRC-32C of user metadata and content.</param>
internal readonly record struct FetchedHead(
    BlobId Id,
    PeerError Error,
    BlobProperties? Properties,
    int UserMetadataLength,
    int ContentLength,
    uint Checksum);
