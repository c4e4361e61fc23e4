using System.Buffers;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;
using Ambry.Store.Records;

namespace Ambry.Store;

/// <content>Reads: nothing leaves unverified.</content>
public sealed partial class BlobStore
{
    private const int UserMetadataPart = 1;
    private const int ChecksumsPart = 2;
    private const int ContentPart = 3;

    /// <summary>
    /// Reads properties, user metadata and a range of content; a range beyond the end is clipped. Only the 64 KiB
    /// blocks that the range touches are read and verified. The caller disposes the result.
    /// </summary>
    public async ValueTask<StoreReadResult> GetAsync(GetBlobRequest request, CancellationToken token)
    {
        if (request.Id.Partition != PartitionId || request.Offset < 0 || request.Length < 0)
        {
            return new StoreReadResult(StoreError.BadRequest);
        }

        if (!TryEnter())
        {
            return new StoreReadResult(StoreError.Unavailable);
        }

        try
        {
            return await FindAndReadAsync(request, token);
        }
        catch (IOException fault)
        {
            return new StoreReadResult(OnFault(fault));
        }
        finally
        {
            Exit();
        }
    }

    private async ValueTask<StoreReadResult> FindAndReadAsync(GetBlobRequest request, CancellationToken token)
    {
        IndexEntry? newest = await IndexOfRunning.FindAsync(request.Id, kind: null, token);
        IndexEntry? put = newest;
        if (newest is { Kind: StoreRecordKind.Delete })
        {
            if (!request.IncludeDeleted)
            {
                return new StoreReadResult(StoreError.Deleted);
            }

            put = await IndexOfRunning.FindAsync(request.Id, StoreRecordKind.Put, token);
        }

        if (put is not { } entry)
        {
            return new StoreReadResult(newest is null ? StoreError.NotFound : StoreError.Deleted);
        }

        if (!request.IncludeDeleted && IsExpired(entry))
        {
            return new StoreReadResult(StoreError.Expired);
        }

        try
        {
            return await ReadAsync(entry, request, token);
        }
        catch (CorruptRecordException damage)
        {
            Log.CorruptBlob(_logger, _name, request.Id.ToString(), entry.Lsn, damage.Message);
            return new StoreReadResult(StoreError.Corrupt);
        }
    }

    private bool IsExpired(in IndexEntry entry) =>
        entry.ExpiresAtMillis != UnixMillis.Never && entry.ExpiresAtMillis <= UnixMillis.From(_time.GetUtcNow());

    private async ValueTask<StoreReadResult> ReadAsync(
        IndexEntry entry, GetBlobRequest request, CancellationToken token)
    {
        LogRecordHeader header = await LogOfRunning.ReadHeaderAsync(entry.Position, token);
        if (header.Lsn != entry.Lsn || header.Kind != (byte)entry.Kind || header.Lengths.Part3 != entry.SizeBytes)
        {
            throw new CorruptRecordException($"Another record, {header.Lsn}, is where the index has this one.");
        }

        byte[] metadata = [];
        if (header.Lengths.Part1 > 0)
        {
            metadata = new byte[header.Lengths.Part1];
            await LogOfRunning.ReadPartAsync(entry.Position, header, UserMetadataPart, metadata, token);
        }

        int start = (int)Math.Min(request.Offset, entry.SizeBytes);
        int length = Math.Min(request.Length ?? entry.SizeBytes, entry.SizeBytes - start);
        (IMemoryOwner<byte>? owner, ReadOnlyMemory<byte> content) =
            await ReadContentAsync(entry.Position, header, start, length, token);
        var properties = new BlobProperties(
            entry.SizeBytes, UnixMillis.ToTime(entry.TimeMillis), UnixMillis.ToTimeOrNull(entry.ExpiresAtMillis));
        return new StoreReadResult(properties, metadata, owner, content);
    }

    private async ValueTask<(IMemoryOwner<byte>? Owner, ReadOnlyMemory<byte> Content)> ReadContentAsync(
        LogPosition position, LogRecordHeader header, int start, int length, CancellationToken token)
    {
        if (length == 0)
        {
            return (null, default);
        }

        // Whole blocks around the range: they are what the checksums cover.
        int size = header.Lengths.Part3;
        int from = start / BlockChecksums.BlockBytes * BlockChecksums.BlockBytes;
        int lastBlock = (start + length - 1) / BlockChecksums.BlockBytes;
        int to = Math.Min(size, (lastBlock + 1) * BlockChecksums.BlockBytes);
        IMemoryOwner<byte> owner = MemoryPool<byte>.Shared.Rent(to - from);
        try
        {
            Memory<byte> blocks = owner.Memory[..(to - from)];
            if (blocks.Length == size)
            {
                await LogOfRunning.ReadPartAsync(position, header, ContentPart, blocks, token);
            }
            else
            {
                await ReadBlocksAsync(position, header, from, blocks, token);
            }

            return (owner, blocks.Slice(start - from, length));
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    private async ValueTask ReadBlocksAsync(
        LogPosition position, LogRecordHeader header, int from, Memory<byte> blocks, CancellationToken token)
    {
        byte[] checksums = new byte[header.Lengths.Part2];
        await LogOfRunning.ReadPartAsync(position, header, ChecksumsPart, checksums, token);
        await LogOfRunning.ReadPartRangeAsync(position, header, ContentPart, from, blocks, token);
        if (!BlockChecksums.Verify(checksums, from / BlockChecksums.BlockBytes, blocks.Span))
        {
            throw new CorruptRecordException($"A block of content from byte {from} on fails its checksum.");
        }
    }
}
