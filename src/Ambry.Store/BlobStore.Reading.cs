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

    // A content up to this comes with everything else in one read, also when less of it was asked for.
    private const int SmallContentBytes = BlockChecksums.BlockBytes;

    // Header, properties, block checksums, and as much user metadata as most blobs have.
    private const int HeadBytes = 1024;

    /// <summary>
    /// Reads properties, user metadata and a range of content; a range beyond the end is clipped. Of a content above 64
    /// KiB only the blocks of 64 KiB that the range touches are read and verified. The caller disposes the result.
    /// </summary>
    public async ValueTask<StoreReadResult> GetAsync(GetBlobRequest request, CancellationToken token)
    {
        long began = Metrics.TimesReads ? _time.GetTimestamp() : 0;
        StoreReadResult result = await ReadAsync(
            request,
            static (store, wanted, stop) => store.FindAndReadAsync(wanted, stop),
            static error => new StoreReadResult(error),
            token);
        if (result.Error != StoreError.None)
        {
            Metrics.Failed(_disk, StoreOperations.Get, result.Error);
        }
        else
        {
            Metrics.Read(_disk, began == 0 ? default : _time.GetElapsedTime(began), result.Content.Length);
        }

        return result;
    }

    /// <summary>
    /// Runs a read of a store that serves, again with a new look-up when compaction moved the record meanwhile.
    /// </summary>
    /// <param name="read">Static, so that a read allocates nothing for it.</param>
    private async ValueTask<T> ReadAsync<T>(
        GetBlobRequest request,
        Func<BlobStore, GetBlobRequest, CancellationToken, ValueTask<T>> read,
        Func<StoreError, T> failed,
        CancellationToken token)
    {
        if (request.Id.Partition != PartitionId || request.Offset < 0 || request.Length < 0)
        {
            return failed(StoreError.BadRequest);
        }

        if (!TryEnter())
        {
            return failed(StoreError.Unavailable);
        }

        try
        {
            for (int attempt = 1; ; attempt++)
            {
                try
                {
                    return await read(this, request, token);
                }
                catch (SegmentGoneException) when (attempt < LookUpsMax)
                {
                    Log.RecordMoved(_logger, _name, attempt);
                }
            }
        }
        catch (IOException fault)
        {
            return failed(OnFault(fault));
        }
        finally
        {
            Exit();
        }
    }

    private async ValueTask<StoreReadResult> FindAndReadAsync(GetBlobRequest request, CancellationToken token)
    {
        ReadableBlob blob = await FindReadableAsync(request, token);
        return blob.Error == StoreError.None
            ? await ReadOrReportAsync(blob, request, token)
            : new StoreReadResult(blob.Error);
    }

    /// <summary>Where the content of a blob is that may be read now.</summary>
    private async ValueTask<ReadableBlob> FindReadableAsync(GetBlobRequest request, CancellationToken token)
    {
        IndexEntry? newest = await IndexOfRunning.FindAsync(request.Id, kind: null, token);
        if (newest is not { } found)
        {
            return new ReadableBlob(StoreError.NotFound);
        }

        IndexEntry? put = newest;
        long? expires = found.ExpiresAtMillis;
        if (found.Kind == StoreRecordKind.Delete)
        {
            if (!request.IncludeDeleted
                || !LifetimeRules.IsRetained(found, Clock.NowMillis, _options.DeletedRetention))
            {
                return new ReadableBlob(StoreError.Deleted);
            }

            BlobState? state = await FindStateAsync(request.Id, token);
            put = state?.Put;
            expires = state?.ExpiresAtMillis;
        }
        else if (found.Kind != StoreRecordKind.Put)
        {
            put = await IndexOfRunning.FindAsync(request.Id, StoreRecordKind.Put, token);
        }

        if (!request.IncludeExpired && LifetimeRules.IsExpired(expires, Clock.NowMillis))
        {
            return new ReadableBlob(StoreError.Expired);
        }

        return put is { } entry
            ? new ReadableBlob(StoreError.None, entry, expires ?? entry.ExpiresAtMillis)
            : new ReadableBlob(found.Kind == StoreRecordKind.Delete ? StoreError.Deleted : StoreError.Expired);
    }

    private async ValueTask<StoreReadResult> ReadOrReportAsync(
        ReadableBlob blob, GetBlobRequest request, CancellationToken token)
    {
        try
        {
            return await ReadAsync(blob, request, token);
        }
        catch (IOException damage) when (IsOfOneRecord(damage))
        {
            OnCorrupt(request.Id, blob.Put, damage);
            return new StoreReadResult(StoreError.Corrupt);
        }
    }

    /// <summary>
    /// Whether it spoils one content and says nothing of the others: a bad sector is no bad disk, and who watches the
    /// disk decides on that.
    /// </summary>
    private static bool IsOfOneRecord(IOException fault) =>
        fault is CorruptRecordException || DiskException.FaultOf(fault) == DiskFault.Device;

    private void OnCorrupt(BlobId id, in IndexEntry put, IOException damage)
    {
        Metrics.CorruptBlob(_disk);
        Log.CorruptBlob(_logger, _name, id.ToString(), put.Lsn, damage.Message);
    }

    private async ValueTask<StoreReadResult> ReadAsync(
        ReadableBlob blob, GetBlobRequest request, CancellationToken token)
    {
        IndexEntry put = blob.Put;
        int start = (int)Math.Min(request.Offset, put.SizeBytes);
        int length = Math.Min(request.Length ?? put.SizeBytes, put.SizeBytes - start);
        int wanted = length > 0 && put.SizeBytes <= SmallContentBytes ? HeadBytes + put.SizeBytes : HeadBytes;
        IMemoryOwner<byte>? owner = MemoryPool<byte>.Shared.Rent(wanted);
        try
        {
            LogRecordStart record = await LogOfRunning.ReadStartAsync(put.Position, owner.Memory[..wanted], token);
            if (!IsOf(put, record.Header))
            {
                throw AnotherRecord(record.Header);
            }

            if (record.Header.Kind == RecordKinds.ErasedPut)
            {
                return new StoreReadResult(StoreError.Deleted);
            }

            if (length == 0 || record.Holds(ContentPart))
            {
                ReadOnlyMemory<byte> content = length == 0 ? default : record.Part(ContentPart).Slice(start, length);
                ReadOnlyMemory<byte> metadata = await ReadMetadataAsync(record, token);
                var whole = new StoreReadResult(blob.Properties, metadata, owner, content);
                owner = null;
                return whole;
            }

            ReadOnlyMemory<byte> copied = (await ReadMetadataAsync(record, token)).ToArray();
            (IMemoryOwner<byte> blocks, ReadOnlyMemory<byte> range) = await ReadContentAsync(
                record, start, length, token);
            return new StoreReadResult(blob.Properties, copied, blocks, range);
        }
        finally
        {
            owner?.Dispose();
        }
    }

    private static bool IsOf(in IndexEntry put, in LogRecordHeader header) =>
        header.Lsn == put.Lsn && header.Kind is (byte)StoreRecordKind.Put or RecordKinds.ErasedPut
        && header.Lengths.Part3 == put.SizeBytes;

    private static CorruptRecordException AnotherRecord(in LogRecordHeader found) =>
        new($"Another record, {found.Lsn}, is where the index has this one.");

    private async ValueTask<ReadOnlyMemory<byte>> ReadMetadataAsync(LogRecordStart record, CancellationToken token)
    {
        if (record.Holds(UserMetadataPart))
        {
            return record.Part(UserMetadataPart);
        }

        byte[] metadata = new byte[record.Header.Lengths.Part1];
        await LogOfRunning.ReadPartAsync(record.Position, record.Header, UserMetadataPart, metadata, token);
        return metadata;
    }

    private async ValueTask<(IMemoryOwner<byte> Owner, ReadOnlyMemory<byte> Content)> ReadContentAsync(
        LogRecordStart record, int start, int length, CancellationToken token)
    {
        // Whole blocks around the range: they are what the checksums cover.
        int size = record.Header.Lengths.Part3;
        (int from, int to) = BlockChecksums.BlocksAround(start, length, size);
        IMemoryOwner<byte> owner = MemoryPool<byte>.Shared.Rent(to - from);
        try
        {
            Memory<byte> blocks = owner.Memory[..(to - from)];
            if (blocks.Length == size)
            {
                await LogOfRunning.ReadPartAsync(record.Position, record.Header, ContentPart, blocks, token);
            }
            else
            {
                await ReadBlocksAsync(record, from, blocks, token);
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
        LogRecordStart record, int from, Memory<byte> blocks, CancellationToken token)
    {
        ReadOnlyMemory<byte> checksums = record.Holds(ChecksumsPart)
            ? record.Part(ChecksumsPart)
            : await ReadChecksumsAsync(record, token);
        await LogOfRunning.ReadPartRangeAsync(record.Position, record.Header, ContentPart, from, blocks, token);
        if (!BlockChecksums.Verify(checksums.Span, from / BlockChecksums.BlockBytes, blocks.Span))
        {
            throw new CorruptRecordException($"A block of content from byte {from} on fails its checksum.");
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> ReadChecksumsAsync(LogRecordStart record, CancellationToken token)
    {
        byte[] checksums = new byte[record.Header.Lengths.Part2];
        await LogOfRunning.ReadPartAsync(record.Position, record.Header, ChecksumsPart, checksums, token);
        return checksums;
    }

    /// <param name="Put">Where the content is; only without an error.</param>
    private readonly record struct ReadableBlob(StoreError Error, IndexEntry Put = default, long ExpiresAtMillis = 0)
    {
        public BlobProperties Properties => new(
            Put.SizeBytes, UnixMillis.ToTime(Put.TimeMillis), UnixMillis.ToTimeOrNull(ExpiresAtMillis));
    }
}
