using Ambry.S3.Auth;
using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Payload;

/// <summary>
/// A request's body without its framing, checked as it passes: length, signatures of chunks and trailer, payload hash,
/// Content-MD5, checksum. Reads that return bytes promise nothing; the read that returns 0 does so only after every check has
/// passed, and what fails one throws, again on every later read. So nothing may be made of the bytes before that last read;
/// <see cref="Digest"/> is there only after it. Forward only, asynchronous only, one reader at a time. Does not own the stream
/// it reads from.
/// </summary>
public sealed class S3BodyStream : Stream
{
    private readonly BodyHead _head;
    private readonly BodyRules _rules;
    private readonly BodyReader _reader;
    private readonly BodyHashes _hashes;
    private long _lengthBytes;
    private BodyDigest? _digest;
    private S3Exception? _failure;

    private S3BodyStream(BodyHead head, BodyRules rules, BodyReader reader)
    {
        _head = head;
        _rules = rules;
        _reader = reader;
        _hashes = new BodyHashes(head, rules);
    }

    /// <summary>The length without framing that the client announced; null when it announced none.</summary>
    public long? AnnouncedLengthBytes => _head.LengthBytes;

    /// <summary>What was computed.</summary>
    /// <exception cref="InvalidOperationException">The body was not read to its end, or failed a check.</exception>
    public BodyDigest Digest => _digest
        ?? throw new InvalidOperationException("A body has no digest before the read that returns 0.");

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => _lengthBytes;
        set => throw new NotSupportedException();
    }

    /// <summary>Checks all that the head alone can tell; reads nothing yet, so that 100-continue is still unsent.</summary>
    /// <param name="inner">The body as it comes in, without the transfer coding of HTTP.</param>
    /// <exception cref="S3Exception">The head's account of the body is missing, malformed or too large.</exception>
    public static S3BodyStream Create(
        S3Request request, S3Authentication authentication, Stream inner, BodyRules rules)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(authentication);
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(rules);
        var head = BodyHead.Read(request, authentication, rules);
        BodyReader reader = authentication.PayloadKind is PayloadKind.SignedHash or PayloadKind.Unsigned
            ? new PlainBodyReader(inner, head.LengthBytes)
            : new AwsChunkedReader(inner, head, authentication);
        return new S3BodyStream(head, rules, reader);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        if (buffer.IsEmpty || _digest is not null)
        {
            return 0;
        }

        try
        {
            var read = await _reader.ReadAsync(buffer, cancellationToken);
            Accept(buffer.Span[..read]);
            return read;
        }
        catch (S3Exception failure)
        {
            _failure = failure;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _reader.Dispose();
            _hashes.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Accept(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            _digest = _hashes.Finish(_lengthBytes, _reader.TrailingChecksum);
            return;
        }

        _lengthBytes += bytes.Length;
        if (_lengthBytes > _rules.LengthMaxBytes)
        {
            throw BodyErrors.TooMuch(_rules, _lengthBytes);
        }

        _hashes.Append(bytes);
    }
}
