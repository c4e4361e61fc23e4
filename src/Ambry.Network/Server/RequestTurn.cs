using System.Buffers;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// One request of a peer from its frame to the end of its answer, with all that is held for it. It ends once: when the
/// answer is written, or cannot be.
/// </summary>
internal sealed class RequestTurn(ServerConnection connection, MessageType type, uint correlationId, long started)
    : OutgoingFrame
{
    private IMemoryOwner<byte>? _received;
    private IDisposable? _response;
    private ReadOnlyMemory<byte> _content;
    private IReadOnlyList<FetchedBlob>? _blobs;
    private PeerContent? _file;
    private long _heldBytes;

    public MessageType Type => type;

    /// <summary>Room taken of the listener's gate, given back when this ends.</summary>
    public void Hold(long bytes) => _heldBytes += bytes;

    /// <summary>Memory of the request's content.</summary>
    public void Hold(IMemoryOwner<byte> received) => _received = received;

    public void Answer(PeerError error) => Send(error, BlobCodec.EncodeOutcome(error));

    public void Answer(GetBlobResponse response)
    {
        _response = response;
        if (response.Error != PeerError.None)
        {
            Answer(response.Error);
            return;
        }

        EncodedFrame head = BlobCodec.EncodeGetAnswer(response);
        _content = response.Content;
        Send(PeerError.None, head);
    }

    public void Answer(PeerContent content)
    {
        _response = content;
        EncodedFrame head = BlobCodec.EncodeGetAnswer(content);
        _file = content;
        Send(PeerError.None, head);
    }

    public void Answer(ReplicaMetadataResponse response) => Send(
        response.Error,
        response.Error == PeerError.None
            ? ReplicationCodec.Encode(response)
            : BlobCodec.EncodeOutcome(response.Error));

    public void Answer(FetchBlobsResponse response)
    {
        _response = response;
        if (response.Error != PeerError.None)
        {
            Answer(response.Error);
            return;
        }

        EncodedFrame head = ReplicationCodec.Encode(response);
        _blobs = response.Blobs;
        Send(PeerError.None, head);
    }

    public void Answer(ClusterMapResponse response) => Send(
        response.Error,
        response.Error == PeerError.None
            ? ReplicationCodec.Encode(response)
            : BlobCodec.EncodeOutcome(response.Error));

    public override async ValueTask WriteContentAsync(FrameSink sink)
    {
        if (_file is not null)
        {
            await sink.SendFileAsync(_file).ConfigureAwait(false);
        }
        else if (!_content.IsEmpty)
        {
            await sink.WriteAsync(_content).ConfigureAwait(false);
        }

        foreach (FetchedBlob blob in _blobs ?? [])
        {
            await sink.WriteAsync(blob.UserMetadata).ConfigureAwait(false);
            await sink.WriteAsync(blob.Content).ConfigureAwait(false);
        }
    }

    public override void EndWrite()
    {
        ReleaseReceived();
        _response?.Dispose();
        _response = null;
        connection.EndTurn(_heldBytes);
    }

    private void Send(PeerError outcome, EncodedFrame head)
    {
        // The service is done with what came in; only what goes out is held while a slow peer takes it.
        ReleaseReceived();
        connection.Finished(type, outcome, started);
        head.Seal(correlationId);
        Head = head;
        connection.Send(this);
    }

    private void ReleaseReceived()
    {
        _received?.Dispose();
        _received = null;
    }
}
