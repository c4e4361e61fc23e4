using System.Buffers;

namespace Ambry.Log;

/// <summary>
/// Reads a segment forward through one pooled window. One user at a time; memory is valid until the next read.
/// </summary>
internal sealed class SegmentReader(IDiskFile file, int blockBytes) : IDisposable
{
    private byte[] _window = ArrayPool<byte>.Shared.Rent(blockBytes);
    private long _start;
    private int _count;

    /// <summary>The bytes at an offset: fewer than asked for at the end of the file.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offset, int length, CancellationToken token)
    {
        if (offset < _start || offset + length > _start + _count)
        {
            await FillAsync(offset, Math.Max(length, blockBytes), token);
        }

        int from = (int)(offset - _start);
        return _window.AsMemory(from, Math.Min(length, _count - from));
    }

    /// <summary>The next read asks the disk.</summary>
    public void Forget() => _count = 0;

    public void Dispose()
    {
        byte[] window = Interlocked.Exchange(ref _window, []);
        if (window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }

    private async ValueTask FillAsync(long offset, int wanted, CancellationToken token)
    {
        int kept = offset >= _start && offset < _start + _count ? (int)(_start + _count - offset) : 0;
        byte[] old = _window;
        byte[] target = wanted > old.Length ? ArrayPool<byte>.Shared.Rent(wanted) : old;
        old.AsSpan(_count - kept, kept).CopyTo(target);
        if (target != old)
        {
            _window = target;
            ArrayPool<byte>.Shared.Return(old);
        }

        (_start, _count) = (offset, kept);
        while (_count < wanted)
        {
            int read = await file.ReadAsync(_start + _count, target.AsMemory(_count, wanted - _count), token);
            if (read == 0)
            {
                return;
            }

            _count += read;
        }
    }
}
