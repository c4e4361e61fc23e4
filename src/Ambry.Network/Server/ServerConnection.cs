using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// One peer's connection at the node. Reads as long as there is room for what it reads; then the peer waits. Thread
/// safe but for <see cref="RunAsync"/>, which runs once.
/// </summary>
internal sealed class ServerConnection : IDisposable
{
    private readonly Stream _stream;
    private readonly Socket _socket;
    private readonly EndPoint? _remote;
    private readonly PeerListenerOptions _options;
    private readonly RequestDispatcher _dispatcher;
    private readonly ByteGate _gate;
    private readonly NetworkServices _services;
    private readonly FrameInput _input;
    private readonly FrameSink _sink;
    private readonly FrameOutput _output;
    private readonly SemaphoreSlim _turns;
    private readonly CancellationTokenSource _gone = new();
    private int _isClosed;
    private long _usedAt;
    private long _countedSent;
    private long _countedReceived;

    public ServerConnection(
        Stream stream,
        Socket socket,
        PeerListenerOptions options,
        RequestDispatcher dispatcher,
        ByteGate gate,
        NetworkServices services)
    {
        _stream = stream;
        _socket = socket;
        _remote = socket.RemoteEndPoint;
        _options = options;
        _dispatcher = dispatcher;
        _gate = gate;
        _services = services;
        _input = new FrameInput(stream, MessageTypes.MaxRequestBody, services.Time);
        _sink = new FrameSink(stream, stream is NetworkStream ? socket : null);
        _output = new FrameOutput(_sink, services.Time, Break);
        _turns = new SemaphoreSlim(options.MaxRequestsPerConnection, options.MaxRequestsPerConnection);
        _usedAt = services.Time.GetTimestamp();
    }

    /// <summary>Requests that are not answered yet.</summary>
    public int Underway => _options.MaxRequestsPerConnection - _turns.CurrentCount;

    /// <summary>Serves the peer until one side closes. Throws nothing.</summary>
    public async Task RunAsync()
    {
        try
        {
            while (await ReceiveAsync().ConfigureAwait(false))
            {
                CountBytes();
            }
        }
        catch (ProtocolException exception)
        {
            Log.NotTheProtocol(_services.Logger, _remote, exception.Message);
        }
        catch (Exception exception)
        {
            Break(exception);
        }

        Dispose();
        _input.Dispose();
        CountBytes();
    }

    /// <summary>Asks the peer to send no new requests here.</summary>
    public void SendAway() => _output.Send(new GoAwayFrame());

    /// <summary>Cuts off a peer that takes too long, or that nobody uses.</summary>
    public void Sweep(long now)
    {
        string? reason = IsOverdue(_input.PartSince, _options.ReceiveTimeout, now)
            ? "a frame did not arrive in time"
            : IsOverdue(_output.StalledSince(), _options.WriteTimeout, now)
                ? "it does not take its answers"
                : null;
        if (reason is not null)
        {
            Log.CutOff(_services.Logger, _remote, reason);
            Dispose();
        }
        else if (Underway == 0 && IsOverdue(Volatile.Read(ref _usedAt), _options.IdleTimeout, now))
        {
            Dispose();
        }
    }

    public void Send(OutgoingFrame frame) => _output.Send(frame);

    public void Finished(MessageType type, PeerError outcome, long started) => _services.Metrics?.Finished(
        NetworkMetrics.Server, type.NameOf(), outcome, _services.Time.GetElapsedTime(started));

    public void EndTurn(long heldBytes)
    {
        if (heldBytes > 0)
        {
            _gate.Return(heldBytes);
        }

        _turns.Release();
    }

    /// <summary>Closes at once. What the service is doing for it goes on, or sees that the peer is gone.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
        {
            _stream.Dispose();
            _output.Close();
            _gone.Cancel();
        }
    }

    private bool IsOverdue(long since, TimeSpan limit, long now) =>
        since != 0 && _services.Time.GetElapsedTime(since, now) >= limit;

    private void Break(Exception reason)
    {
        if (Volatile.Read(ref _isClosed) == 0)
        {
            Log.ConnectionBroken(_services.Logger, reason, _remote);
            _services.Metrics?.ConnectionFailed(NetworkMetrics.Server);
            Dispose();
        }
    }

    private async ValueTask<bool> ReceiveAsync()
    {
        switch (_input.TryRead(out Frame frame))
        {
            case FrameRead.Incomplete:
                _output.Resume();
                return await _input.FillAsync(CancellationToken.None).ConfigureAwait(false);
            case FrameRead.Failed:
                Log.NotTheProtocol(_services.Logger, _remote, _input.Error.ToString());
                await RefuseAsync(frame.Header).ConfigureAwait(false);
                return await FinishAsync().ConfigureAwait(false);
            default:
                // Answers to what has come together leave together.
                _output.Hold();
                return await TakeAsync(frame).ConfigureAwait(false);
        }
    }

    /// <summary>A sound header of another version, or beyond the limits: the peer learns it before the end.</summary>
    private async ValueTask RefuseAsync(FrameHeader header)
    {
        if (_input.Error is FrameError.VersionUnknown or FrameError.OutOfBounds)
        {
            _output.Resume();
            await EnterAsync().ConfigureAwait(false);
            var refused = new RequestTurn(
                this, MessageType.None, header.CorrelationId, _services.Time.GetTimestamp());
            refused.Answer(PeerError.BadRequest);
        }
    }

    /// <summary>
    /// Nothing more is understood: lets the answers go out, then takes what still comes, or the system would
    /// reset the connection and the answers with it. The sweep ends it. Always false.
    /// </summary>
    private async ValueTask<bool> FinishAsync()
    {
        _output.Resume();
        for (int i = 0; i < _options.MaxRequestsPerConnection; i++)
        {
            await EnterAsync().ConfigureAwait(false);
        }

        if (_stream is SslStream secure)
        {
            await secure.ShutdownAsync().ConfigureAwait(false);
        }

        _socket.Shutdown(SocketShutdown.Send);
        await _input.SkipAsync(FrameHeader.MaxBodyLength, CancellationToken.None).ConfigureAwait(false);
        return false;
    }

    private async ValueTask<bool> TakeAsync(Frame frame)
    {
        long now = _services.Time.GetTimestamp();
        Volatile.Write(ref _usedAt, now);
        var type = (MessageType)frame.Header.Type;
        uint correlationId = frame.Header.CorrelationId;
        object? request = Parse(type, frame.Body.FirstSpan);
        if (!_turns.Wait(0, CancellationToken.None))
        {
            _output.Resume();
            await EnterAsync().ConfigureAwait(false);
        }

        var turn = new RequestTurn(this, type, correlationId, now);
        if (request is PutHead head)
        {
            _output.Resume();
            request = await ReceiveContentAsync(turn, head).ConfigureAwait(false);
        }

        if (request is null)
        {
            turn.Answer(PeerError.BadRequest);

            // Without its head nobody knows how much content follows.
            return type != MessageType.Put || await FinishAsync().ConfigureAwait(false);
        }

        _ = _dispatcher.RunAsync(turn, request, _sink.CanSendFiles, _gone.Token);
        return true;
    }

    private Task EnterAsync() => _turns.WaitAsync(_gone.Token);

    private async ValueTask<PutBlobRequest> ReceiveContentAsync(RequestTurn turn, PutHead head)
    {
        try
        {
            await _gate.TakeAsync(head.ContentLength, _gone.Token).ConfigureAwait(false);
            turn.Hold(head.ContentLength);
            Memory<byte> content = Memory<byte>.Empty;
            if (head.ContentLength > 0)
            {
                IMemoryOwner<byte> owner = _services.Pool.Rent(head.ContentLength);
                turn.Hold(owner);
                content = owner.Memory[..head.ContentLength];
            }

            if (!await _input.ReadContentAsync(content, CancellationToken.None).ConfigureAwait(false))
            {
                throw new EndOfStreamException("The connection ended within a request.");
            }

            return Crc32C.Compute(content.Span) == head.Checksum
                ? new PutBlobRequest(head.Id, head.Properties, head.UserMetadata, content)
                : throw new ProtocolException("The content of a request was damaged on its way.");
        }
        catch
        {
            turn.EndWrite();
            throw;
        }
    }

    private static object? Parse(MessageType type, ReadOnlySpan<byte> body) => type switch
    {
        MessageType.Put => BlobCodec.TryReadPut(body),
        MessageType.Get => BlobCodec.TryReadGet(body),
        MessageType.Delete => BlobCodec.TryReadDelete(body),
        MessageType.UpdateTtl => BlobCodec.TryReadUpdateTtl(body),
        MessageType.Undelete => BlobCodec.TryReadUndelete(body),
        MessageType.ReplicaMetadata => ReplicationCodec.TryReadMetadataRequest(body),
        MessageType.FetchBlobs => ReplicationCodec.TryReadFetch(body),
        MessageType.ClusterMap => ReplicationCodec.TryReadMapRequest(body),
        _ => null,
    };

    private void CountBytes()
    {
        if (_services.Metrics is { } metrics)
        {
            long sent = _sink.SentBytes;
            long received = _input.ReceivedBytes;
            metrics.Sent(NetworkMetrics.Server, sent - Interlocked.Exchange(ref _countedSent, sent));
            metrics.Received(NetworkMetrics.Server, received - Interlocked.Exchange(ref _countedReceived, received));
        }
    }

    private sealed class GoAwayFrame : OutgoingFrame
    {
        public GoAwayFrame()
        {
            var writer = new FrameWriter(0);
            Head = writer.End(MessageType.GoAway);
            Head.Seal(0);
        }

        public override void EndWrite()
        {
            // Nothing is held for it.
        }
    }
}
