using System.Buffers;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// The receiving end of a connection: frames out of one pooled buffer, contents straight into the caller's memory. The
/// buffer grows with what has arrived, never with what was announced. One reader at a time; the watching members may
/// be read by others.
/// </summary>
internal sealed class FrameInput(Stream stream, int maxBodyLength, TimeProvider time) : IDisposable
{
    private const int InitialBufferBytes = 32 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBufferBytes);
    private int _start;
    private int _end;
    private long _receivedBytes;
    private long _partSince;

    /// <summary>Of the last look at a frame.</summary>
    public FrameError Error { get; private set; }

    /// <summary>Since the connection was made.</summary>
    public long ReceivedBytes => Volatile.Read(ref _receivedBytes);

    /// <summary>When the frame or content began that has arrived in part only; 0 between frames.</summary>
    public long PartSince => Volatile.Read(ref _partSince);

    /// <summary>The next frame when it is here whole. Its body is valid until the next call of any method.</summary>
    public FrameRead TryRead(out Frame frame)
    {
        var received = new ReadOnlySequence<byte>(_buffer, _start, _end - _start);
        long before = received.Length;
        FrameRead read = FrameReader.TryRead(ref received, out frame, out FrameError error, maxBodyLength);
        Error = error;
        _start += (int)(before - received.Length);
        if (read == FrameRead.Whole)
        {
            Volatile.Write(ref _partSince, 0);
        }
        else if (_start != _end && _partSince == 0)
        {
            Volatile.Write(ref _partSince, time.GetTimestamp());
        }

        return read;
    }

    /// <summary>Receives more; false at the end of the stream.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken token)
    {
        MakeRoom();
        int count = await stream.ReadAsync(_buffer.AsMemory(_end), token).ConfigureAwait(false);
        _end += count;
        Volatile.Write(ref _receivedBytes, _receivedBytes + count);
        return count > 0;
    }

    /// <summary>The bytes that follow the last frame; false when the stream ends before.</summary>
    public async ValueTask<bool> ReadContentAsync(Memory<byte> destination, CancellationToken token)
    {
        int here = Math.Min(destination.Length, _end - _start);
        _buffer.AsSpan(_start, here).CopyTo(destination.Span);
        _start += here;
        destination = destination[here..];
        Volatile.Write(ref _partSince, destination.IsEmpty ? 0 : time.GetTimestamp());
        while (!destination.IsEmpty)
        {
            int count = await stream.ReadAsync(destination, token).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            Volatile.Write(ref _receivedBytes, _receivedBytes + count);
            destination = destination[count..];
        }

        Volatile.Write(ref _partSince, 0);
        return true;
    }

    /// <summary>Passes over bytes that follow the last frame and that nobody wants.</summary>
    public async ValueTask<bool> SkipAsync(int length, CancellationToken token)
    {
        Volatile.Write(ref _partSince, time.GetTimestamp());
        while (length > 0)
        {
            if (_start == _end && !await FillAsync(token).ConfigureAwait(false))
            {
                return false;
            }

            int here = Math.Min(length, _end - _start);
            _start += here;
            length -= here;
        }

        Volatile.Write(ref _partSince, 0);
        return true;
    }

    /// <summary>Only when nobody reads any more.</summary>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
            Shrink();
        }
        else if (_end == _buffer.Length && _start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }
        else if (_end == _buffer.Length)
        {
            Invariant.Check(_buffer.Length <= 2 * (FrameHeader.EncodedLength + maxBodyLength));
            Replace(_buffer.Length * 2);
        }
    }

    private void Shrink()
    {
        if (_buffer.Length > InitialBufferBytes)
        {
            Replace(InitialBufferBytes);
        }
    }

    private void Replace(int length)
    {
        byte[] other = ArrayPool<byte>.Shared.Rent(length);
        _buffer.AsSpan(_start, _end - _start).CopyTo(other);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = other;
        _end -= _start;
        _start = 0;
    }
}
