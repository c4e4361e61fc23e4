using System.Buffers;
using Ambry.S3.Auth;

namespace Ambry.S3.Payload;

/// <summary>
/// Decodes aws-chunked. A chunk's last bytes are handed out only when its signature is right. Chunks have no size limit but the
/// announced length: they are hashed as they pass, and some SDKs send the whole body as one. Lines have one. Bytes of a chunk go
/// from the inner stream straight to the caller, except those that came along with a line.
/// </summary>
internal sealed class AwsChunkedReader : BodyReader
{
    private const int BufferBytes = 4 * 1024;

    private readonly Stream _inner;
    private readonly bool _hasTrailer;
    private readonly ChunkSignatures? _signatures;
    private readonly ChunkTrailers _trailers;
    private readonly byte[] _signature = new byte[ChunkSignatures.HexSize];

    private byte[]? _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _start;
    private int _end;
    private Expect _expect = Expect.ChunkHeader;
    private long _chunkRest;
    private long _lengthRest;
    private bool _hasSkippedBlankLine;

    public AwsChunkedReader(Stream inner, BodyHead head, S3Authentication authentication)
    {
        _inner = inner;
        _lengthRest = head.LengthBytes ?? throw new ArgumentException("A framed body has a length.", nameof(head));
        var kind = authentication.PayloadKind;
        _hasTrailer = kind is PayloadKind.StreamingSignedTrailer or PayloadKind.StreamingUnsignedTrailer;
        _signatures = kind == PayloadKind.StreamingUnsignedTrailer ? null : new ChunkSignatures(authentication);
        _trailers = new ChunkTrailers(head.HasTrailingChecksum ? head.Algorithm : null, _signatures);
    }

    private enum Expect
    {
        ChunkHeader,
        ChunkBytes,
        ChunkEnd,
        Trailer,
        End,
    }

    public override string? TrailingChecksum => _trailers.Checksum;

    private ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (_expect != Expect.End)
        {
            if (_expect == Expect.ChunkBytes)
            {
                return await ReadChunkBytesAsync(buffer, cancellationToken);
            }

            if (!TryReadLine())
            {
                await FillAsync(cancellationToken);
            }
        }

        if (_start != _end || await _inner.ReadAsync(_buffer, cancellationToken) != 0)
        {
            throw BodyErrors.BrokenFraming();
        }

        return 0;
    }

    public override void Dispose()
    {
        _signatures?.Dispose();
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }

    private async ValueTask<int> ReadChunkBytesAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        buffer = buffer[..(int)Math.Min(buffer.Length, _chunkRest)];
        int read;
        if (_start != _end)
        {
            read = Math.Min(buffer.Length, _end - _start);
            Buffered[..read].CopyTo(buffer.Span);
            _start += read;
        }
        else
        {
            read = await _inner.ReadAsync(buffer, cancellationToken);
        }

        if (read == 0)
        {
            throw BodyErrors.BrokenFraming();
        }

        _signatures?.Append(buffer.Span[..read]);
        _chunkRest -= read;
        _lengthRest -= read;
        if (_chunkRest == 0)
        {
            _signatures?.VerifyChunk(_signature);
            _expect = Expect.ChunkEnd;
        }

        return read;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var kept = Buffered;
        kept.CopyTo(_buffer);
        _end = kept.Length;
        _start = 0;
        var read = await _inner.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        if (read == 0)
        {
            throw BodyErrors.BrokenFraming();
        }

        _end += read;
    }

    // False when the line is not all there yet.
    private bool TryReadLine()
    {
        var length = Buffered.IndexOf("\r\n"u8);
        var lengthMax = _expect == Expect.Trailer ? BufferBytes / 2 : ChunkHeader.LengthMax;
        if (length > lengthMax || (length < 0 && Buffered.Length > lengthMax + 1))
        {
            throw BodyErrors.BrokenFraming();
        }

        if (length < 0)
        {
            return false;
        }

        var line = Buffered[..length];
        _start += length + 2;
        switch (_expect)
        {
            case Expect.ChunkHeader:
                BeginChunk(line);
                break;
            case Expect.ChunkEnd:
                _expect = line.IsEmpty ? Expect.ChunkHeader : throw BodyErrors.BrokenFraming();
                break;
            default:
                ReadTrailer(line);
                break;
        }

        return true;
    }

    private void BeginChunk(ReadOnlySpan<byte> line)
    {
        if (!ChunkHeader.TryParse(line, _signatures is not null, out var size, out var signature))
        {
            throw BodyErrors.BrokenFraming();
        }

        if (size > _lengthRest)
        {
            throw BodyErrors.ChunkSize();
        }

        if (size != 0)
        {
            signature.CopyTo(_signature);
            _chunkRest = size;
            _expect = Expect.ChunkBytes;
            return;
        }

        if (_lengthRest != 0)
        {
            throw BodyErrors.TooShortOrLong();
        }

        _signatures?.VerifyChunk(signature);
        _expect = Expect.Trailer;
    }

    // An empty line ends the trailer. Some clients send one before it as well, to end the last chunk.
    private void ReadTrailer(ReadOnlySpan<byte> line)
    {
        if (!line.IsEmpty)
        {
            _trailers.Read(_hasTrailer ? line : throw BodyErrors.BrokenFraming());
            return;
        }

        if (_trailers.IsAwaited && _trailers.IsEmpty && !_hasSkippedBlankLine)
        {
            _hasSkippedBlankLine = true;
            return;
        }

        _trailers.Finish();
        _expect = Expect.End;
    }
}
