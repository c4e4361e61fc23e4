using System.Buffers;

namespace Ambry.Router;

/// <summary>
/// Cuts a stream of any length into chunks. A content that is known, or turns out, to be small takes a small buffer. Not
/// thread safe.
/// </summary>
internal sealed class ContentChunker(
    Stream content, long? sizeHint, int chunkSizeBytes, ByteBudget budget, MemoryPool<byte> pool)
{
    private const int SmallestBufferBytes = 4 * 1024;

    /// <summary>64 KiB: what most contents of unknown length fit in.</summary>
    private const int UnknownSizeBufferBytes = 64 * 1024;

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
    /// The next chunk, full unless the content ended; empty only for an empty content. Null when the budget has no room. The
    /// caller owns the buffer.
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
                buffer = null;
                using (small)
                {
                    buffer = await ChunkBuffer.RentAsync(budget, pool, chunkSizeBytes, token);
                    if (buffer is not null)
                    {
                        small.Memory.CopyTo(buffer.Memory);
                        buffer.Length = small.Length;
                    }
                }
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

    /// <summary>True when the content ended; false when the buffer is full and more follows, or may follow a whole chunk.</summary>
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

    private int FirstCapacity()
    {
        long expected = sizeHint is { } hint ? hint - _consumedBytes : UnknownSizeBufferBytes;
        bool beyondHint = _consumedBytes > 0 && (sizeHint is null || expected <= 0);
        return beyondHint || expected > chunkSizeBytes
            ? chunkSizeBytes
            : (int)Math.Clamp(expected, Math.Min(SmallestBufferBytes, chunkSizeBytes), chunkSizeBytes);
    }
}
