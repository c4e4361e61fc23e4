using System.Buffers;
using System.Net.Sockets;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// Bytes out to one connection: small pieces are gathered into one system call, large ones go from where they lie. One
/// writer at a time.
/// </summary>
/// <param name="socket">Of a plain connection, which files can be sent on; else null.</param>
internal sealed class FrameSink(Stream stream, Socket? socket) : IDisposable
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>Copying up to this costs less than a system call of its own.</summary>
    private const int CopyUpTo = 16 * 1024;

    private byte[]? _buffer;
    private int _length;
    private long _sentBytes;

    /// <summary>Since the connection was made.</summary>
    public long SentBytes => Volatile.Read(ref _sentBytes);

    public bool CanSendFiles => socket is not null;

    /// <summary>The memory is free again when this completes.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > CopyUpTo)
        {
            await FlushAsync().ConfigureAwait(false);
            await stream.WriteAsync(bytes).ConfigureAwait(false);
            Count(bytes.Length);
            return;
        }

        if (_length + bytes.Length > BufferBytes)
        {
            await FlushAsync().ConfigureAwait(false);
        }

        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
        bytes.Span.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>The kernel takes the bytes from the file.</summary>
    public async ValueTask SendFileAsync(PeerContent content)
    {
        Invariant.Check(socket is not null);
        await FlushAsync().ConfigureAwait(false);
        if (content.Length > 0)
        {
            await FileSending.SendAsync(socket, content).ConfigureAwait(false);
            Count(content.Length);
        }
    }

    public async ValueTask FlushAsync()
    {
        if (_length > 0)
        {
            int length = _length;
            _length = 0;
            await stream.WriteAsync(_buffer.AsMemory(0, length)).ConfigureAwait(false);
            Count(length);
        }
    }

    /// <summary>Gives the buffer back until the next write; what it holds is lost.</summary>
    public void Dispose()
    {
        _length = 0;
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Count(int bytes) => Volatile.Write(ref _sentBytes, _sentBytes + bytes);
}
