using System.Buffers;

namespace Ambry.Log;

/// <summary>
/// The segment a rewrite copies into: frames records anew and gathers them into large writes. Not thread safe; after a
/// failed write it must not be used again.
/// </summary>
internal sealed class RewriteTarget(int blockBytes) : IDisposable
{
    private byte[] _block = [];
    private int _gathered;
    private long _writtenTo;

    /// <summary>Null until the first record is to be copied.</summary>
    public LogSegment? Segment { get; private set; }

    public uint Records { get; private set; }

    public uint EndOffset => (uint)(_writtenTo + _gathered);

    public void Start(LogSegment segment)
    {
        _block = ArrayPool<byte>.Shared.Rent(blockBytes);
        Segment = segment;
        segment.Header.Write(_block);
        _gathered = SegmentHeader.Bytes;
    }

    public bool Fits(int size) => EndOffset + (long)size <= Segment!.SizeBytes;

    /// <summary>Takes a whole record as it lies in its source; answers where it is now.</summary>
    public async ValueTask<uint> AddAsync(LogRecordHeader header, ReadOnlyMemory<byte> record)
    {
        if (_gathered + record.Length > blockBytes)
        {
            await FlushAsync();
        }

        uint offset = EndOffset;
        Span<byte> framed = _block.AsSpan(_gathered);
        // All before this record is on the disk when the segment becomes part of the log.
        RecordCodec.Write(framed, header, header.Lsn - 1, Segment!.Identity, offset);
        ReadOnlyMemory<byte> rest = record[RecordCodec.HeaderBytes..];
        if (record.Length <= blockBytes)
        {
            rest.Span.CopyTo(framed[RecordCodec.HeaderBytes..]);
            _gathered += record.Length;
        }
        else
        {
            await WriteAsync([_block.AsMemory(0, RecordCodec.HeaderBytes), rest], record.Length);
        }

        Segment.Mark(new SegmentCursor(header.Lsn, offset, Records));
        Records++;
        return offset;
    }

    public async ValueTask FlushAsync()
    {
        if (_gathered > 0)
        {
            int count = _gathered;
            _gathered = 0;
            await WriteAsync([_block.AsMemory(0, count)], count);
        }
    }

    public void Dispose()
    {
        byte[] block = Interlocked.Exchange(ref _block, []);
        if (block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> parts, int count)
    {
        await Segment!.File.WriteAsync(_writtenTo, parts, CancellationToken.None);
        _writtenTo += count;
    }
}
