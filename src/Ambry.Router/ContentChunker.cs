using System.Buffers;

namespace Ambry.Router;

/// <summary>
/// Cuts a stream of any length into chunks. A buffer grows with what has arrived, whatever was announced, so that an
/// upload that stands still holds little: 64 KiB at first, then at most four times what it sent. Growing copies a
/// third of a byte for each byte of a whole chunk. When the budget is too short to grow, a chunk ends early: so no
/// upload sits on memory while it waits for more, and under pressure chunks become small and are soon written. Not
/// thread safe.
/// </summary>
internal sealed class ContentChunker(
    Stream content, long? sizeHint, int chunkSizeBytes, ByteBudget budget, MemoryPool<byte> pool)
{
    private const int SmallestBufferBytes = 4 * 1024;

    /// <summary>64 KiB: what most contents fit in, and ten thousand idle uploads may hold.</summary>
    private const int FirstBufferBytes = 64 * 1024;

    private const int Growth = 4;

    /// <summary>
    /// 256 KiB: twenty thousand parts of this size make the largest upload, 5 GiB, and fit into one list.
    /// </summary>
    private const int EarlyEndBytesMin = 256 * 1024;

    // Whether more follows is learned by reading one byte on, before a whole buffer is taken for it.
    private readonly byte[] _ahead = new byte[1];
    private bool _hasAhead;
    private bool _ended;
    private long _consumedBytes;

    /// <summary>Whether the content has been read to its end.</summary>
    public async ValueTask<bool> IsAtEndAsync(CancellationToken token)
    {
        if (!_ended && !_hasAhead)
        {
            _hasAhead = await content.ReadAsync(_ahead, token) > 0;
            _ended = !_hasAhead;
        }

        return _ended;
    }

    /// <summary>
    /// The next chunk, of the chunk size unless the content ended or memory is short; empty only for an empty content.
    /// Null when the budget has no room. The caller owns the buffer.
    /// </summary>
    public async ValueTask<ChunkBuffer?> NextAsync(CancellationToken token)
    {
        ChunkBuffer? buffer = await ChunkBuffer.RentAsync(budget, pool, FirstCapacity(), token);
        bool handedOver = false;
        try
        {
            while (buffer is not null && !await FillAsync(buffer, token) && buffer.Memory.Length < chunkSizeBytes)
            {
                ChunkBuffer small = buffer;
                ChunkBuffer? larger = await RentLargerAsync(small, token);
                if (larger is null && small.Length >= EarlyEndBytesMin)
                {
                    break;
                }

                small.MoveTo(larger);
                buffer = larger;
            }

            handedOver = true;
            _consumedBytes += buffer?.Length ?? 0;
            return buffer;
        }
        finally
        {
            if (!handedOver)
            {
                buffer?.Dispose();
            }
        }
    }

    /// <summary>
    /// True when the content ended; false when the buffer is full and more follows, or may follow a whole chunk.
    /// </summary>
    private async ValueTask<bool> FillAsync(ChunkBuffer buffer, CancellationToken token)
    {
        if (_hasAhead)
        {
            buffer.Memory.Span[buffer.Length++] = _ahead[0];
            _hasAhead = false;
        }

        while (buffer.Length < buffer.Memory.Length && !_ended)
        {
            int read = await content.ReadAsync(buffer.Memory[buffer.Length..], token);
            _ended = read == 0;
            buffer.Length += read;
        }

        // A whole chunk is sent on its way before anybody waits for what follows it.
        return buffer.Memory.Length < chunkSizeBytes && await IsAtEndAsync(token);
    }

    /// <summary>Waits only with a small buffer in hand: memory that waits for memory can stop everybody.</summary>
    private async ValueTask<ChunkBuffer?> RentLargerAsync(ChunkBuffer small, CancellationToken token)
    {
        int capacity = NextCapacity(small.Length);
        return small.Length < EarlyEndBytesMin
            ? await ChunkBuffer.RentAsync(budget, pool, capacity, token)
            : ChunkBuffer.TryRent(budget, pool, capacity);
    }

    private int FirstCapacity()
    {
        long expected = sizeHint - _consumedBytes ?? FirstBufferBytes;
        bool beyondHint = _consumedBytes > 0 && expected <= 0;
        int first = Math.Min(FirstBufferBytes, chunkSizeBytes);
        return beyondHint ? first : (int)Math.Clamp(expected, Math.Min(SmallestBufferBytes, first), first);
    }

    /// <summary>No more than was announced, as long as no more than that came.</summary>
    private int NextCapacity(int filledBytes)
    {
        int next = (int)Math.Min((long)filledBytes * Growth, chunkSizeBytes);
        long expected = sizeHint - _consumedBytes ?? 0;
        return expected > filledBytes ? (int)Math.Min(expected, next) : next;
    }
}
