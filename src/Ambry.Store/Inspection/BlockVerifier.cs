using System.Buffers;
using Ambry.Log;
using Ambry.Store.Records;

namespace Ambry.Store.Inspection;

/// <summary>
/// Compares the checksums of a PUT's blocks with its content, block by block: a list that is whole and wrong would make
/// a good content unreadable. One segment; not thread safe.
/// </summary>
internal sealed class BlockVerifier(IDiskFile file) : IDisposable
{
    private byte[] _block = ArrayPool<byte>.Shared.Rent(BlockChecksums.BlockBytes);

    /// <summary>The first block that differs; null when all agree.</summary>
    public async ValueTask<int?> FindBadBlockAsync(InspectedRecord record, CancellationToken token)
    {
        LogPartLengths lengths = record.Header.Lengths;
        if (lengths.Part2 != BlockChecksums.EncodedLength(lengths.Part3))
        {
            return 0;
        }

        long listAt = record.Position.Offset + RecordInspector.HeaderBytes + (long)lengths.Part0 + lengths.Part1;
        byte[] list = new byte[lengths.Part2];
        if (!await TryFillAsync(listAt, list, token))
        {
            return 0;
        }

        for (int block = 0; block * (long)BlockChecksums.BlockBytes < lengths.Part3; block++)
        {
            long start = block * (long)BlockChecksums.BlockBytes;
            Memory<byte> bytes = _block.AsMemory(0, (int)Math.Min(BlockChecksums.BlockBytes, lengths.Part3 - start));
            if (!await TryFillAsync(listAt + lengths.Part2 + start, bytes, token)
                || !BlockChecksums.Verify(list, block, bytes.Span))
            {
                return block;
            }
        }

        return null;
    }

    public void Dispose()
    {
        byte[] block = Interlocked.Exchange(ref _block, []);
        if (block.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private async ValueTask<bool> TryFillAsync(long offset, Memory<byte> target, CancellationToken token)
    {
        for (int count = 0; count < target.Length;)
        {
            int read = await file.ReadAsync(offset + count, target[count..], token);
            if (read == 0)
            {
                return false;
            }

            count += read;
        }

        return true;
    }
}
