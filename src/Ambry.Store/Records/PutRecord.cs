using System.Buffers;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store.Index;

namespace Ambry.Store.Records;

/// <summary>
/// The one place where a blob becomes the parts of a PUT record: what encrypts or compresses contents would do it here.
/// Owns pooled memory until the append is done. Not thread safe.
/// </summary>
internal sealed class PutRecord : IDisposable
{
    private readonly PutHead _head;
    private readonly PutBlobRequest _request;
    private readonly int _checksumBytes;
    private readonly byte[] _buffer;

    public PutRecord(PutBlobRequest request, ushort lifeVersion, long expiresAtMillis)
    {
        _request = request;
        _head = new PutHead(
            request.Id,
            lifeVersion,
            request.Content.Length,
            UnixMillis.From(request.Properties.CreatedAt),
            expiresAtMillis);
        _checksumBytes = BlockChecksums.EncodedLength(request.Content.Length);
        _buffer = ArrayPool<byte>.Shared.Rent(PutHead.EncodedLength + _checksumBytes);
        _head.Write(_buffer);
        BlockChecksums.Write(request.Content.Span, _buffer.AsSpan(PutHead.EncodedLength, _checksumBytes));
    }

    public LogAppend ToAppend(BlobIndex index) => new(
        (byte)StoreRecordKind.Put,
        _buffer.AsMemory(0, PutHead.EncodedLength),
        _request.UserMetadata,
        _buffer.AsMemory(PutHead.EncodedLength, _checksumBytes),
        _request.Content,
        new PutObserver(index, _head));

    public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);
}
