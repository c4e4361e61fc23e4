using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>
/// Overwrites records in place under a redo file, and does again at an opening what a crash cut short. Steps in this
/// order: stage, publish, erase, remove. One user at a time.
/// </summary>
internal sealed class RecordEraser(IDisk disk, string folder)
{
    private static readonly byte[] Zeros = new byte[1024 * 1024];

    private readonly string _path = $"{folder}/{EraseRedo.FileName}";
    private readonly string _staged = $"{folder}/{EraseRedo.FileName}{DiskExtensions.TemporarySuffix}";

    /// <summary>The header of a record when its parts 1 to 3 are zeros.</summary>
    public static LogRecordHeader Erased(LogRecordHeader header, byte kind) => header with
    {
        Kind = kind,
        Checksums = new LogPartChecksums(
            header.Checksums.Part0,
            ChecksumOfZeros(header.Lengths.Part1),
            ChecksumOfZeros(header.Lengths.Part2),
            ChecksumOfZeros(header.Lengths.Part3)),
    };

    public async ValueTask StageAsync(Guid logId, IReadOnlyList<ErasedRecord> records)
    {
        using IDiskFile file = disk.Open(_staged, create: true);
        file.Truncate(0);
        await file.WriteAsync(0, [EraseRedo.Encode(logId, records)], CancellationToken.None);
        await file.SyncAsync(CancellationToken.None);
    }

    public async ValueTask PublishAsync()
    {
        disk.Rename(_staged, _path);
        await disk.SyncDirectoryAsync(folder, CancellationToken.None);
    }

    /// <summary>Overwrites and syncs; a record of a segment that is not given has left the log.</summary>
    public async ValueTask EraseAsync(
        IReadOnlyList<ErasedRecord> records, IReadOnlyDictionary<uint, LogSegment> segments)
    {
        HashSet<LogSegment> touched = [];
        foreach (ErasedRecord record in records)
        {
            if (segments.TryGetValue(record.Position.Segment, out LogSegment? segment))
            {
                touched.Add(segment);
                await EraseAsync(segment, record);
            }
        }

        foreach (LogSegment segment in touched)
        {
            await segment.File.SyncAsync(CancellationToken.None);
        }
    }

    public async ValueTask RemoveRedoAsync()
    {
        disk.Delete(_path);
        await disk.SyncDirectoryAsync(folder, CancellationToken.None);
    }

    /// <summary>
    /// Finishes an erasure that was begun. Nobody reads or writes yet. A segment that is not live any more was
    /// rewritten since: its number means no other.
    /// </summary>
    /// <exception cref="CorruptRecordException">The redo file is damaged: which records are erased in part is not
    /// known.</exception>
    public async ValueTask<int> RedoAsync(IReadOnlyList<LiveSegment> live, CancellationToken token)
    {
        byte[]? bytes;
        try
        {
            bytes = await disk.TryReadAllAsync(_path, EraseRedo.MaxBytes, token);
        }
        catch (InvalidDataException large)
        {
            throw new CorruptRecordException(large.Message);
        }

        if (bytes is null)
        {
            return 0;
        }

        if (!EraseRedo.TryDecode(bytes, live[^1].Segment.LogId, out List<ErasedRecord> records))
        {
            throw new CorruptRecordException($"{_path} is not the redo file of this log, or damaged.");
        }

        // A killed process may have left its name in the cache alone, and bytes are about to be overwritten.
        await disk.SyncDirectoryAsync(folder, CancellationToken.None);
        await EraseAsync(records, live.ToDictionary(one => one.Number, one => one.Segment));
        await RemoveRedoAsync();
        return records.Count;
    }

    private static async ValueTask EraseAsync(LogSegment segment, ErasedRecord record)
    {
        (LogPosition position, LogRecordHeader header, long durable) = record;
        var framed = new byte[RecordCodec.HeaderBytes];
        RecordCodec.Write(framed, header, durable, segment.Identity, position.Offset);
        await segment.File.WriteAsync(position.Offset, [framed], CancellationToken.None);
        long from = position.Offset + RecordCodec.OffsetOf(header.Lengths, 1);
        long to = position.Offset + RecordCodec.HeaderBytes + RecordCodec.BytesOf(header.Lengths);
        while (from < to)
        {
            int count = (int)Math.Min(Zeros.Length, to - from);
            await segment.File.WriteAsync(from, [Zeros.AsMemory(0, count)], CancellationToken.None);
            from += count;
        }
    }

    private static uint ChecksumOfZeros(int length)
    {
        uint checksum = Crc32C.Compute([]);
        while (length > 0)
        {
            int count = Math.Min(Zeros.Length, length);
            checksum = Crc32C.Append(checksum, Zeros.AsSpan(0, count));
            length -= count;
        }

        return checksum;
    }
}
