using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>Everything towards one peer: its breaker and its connections. Thread safe.</summary>
internal sealed class PeerChannel
{
    private readonly TcpPeerClientOptions _options;
    private readonly NetworkServices _services;
    private readonly PeerBreaker _breaker;
    private readonly PeerLane _small;
    private readonly PeerLane _bulk;

    public PeerChannel(DataNodeId peer, TcpPeerClientOptions options, PeerDialer dialer, NetworkServices services)
    {
        _options = options;
        _services = services;
        _breaker = new PeerBreaker(peer, options, services);
        _small = new PeerLane(
            () => dialer.DialAsync(peer),
            options.SmallConnections,
            options.SmallRequestsPerConnection,
            options.MaxWaitingPerPeer);
        _bulk = new PeerLane(
            () => dialer.DialAsync(peer),
            options.BulkConnections,
            options.BulkRequestsPerConnection,
            options.MaxWaitingPerPeer);
    }

    /// <param name="bytes">How much may travel with the request and its answer.</param>
    public async ValueTask<PeerAnswer> CallAsync(
        EncodedFrame head, ReadOnlyMemory<byte> content, int bytes, CancellationToken token)
    {
        long started = _services.Time.GetTimestamp();
        TimeSpan limit = bytes <= _options.SmallBytes
            ? _options.RequestTimeout
            : _options.RequestTimeout + TimeSpan.FromSeconds((double)bytes / _options.MinBytesPerSecond);
        long deadline = started + (long)(limit.TotalSeconds * _services.Time.TimestampFrequency);
        var call = new PendingCall(head, content, started, deadline, _services.Time);
        PeerLane lane = bytes <= _options.SmallBytes ? _small : _bulk;
        PeerAnswer answer;
        try
        {
            token.ThrowIfCancellationRequested();
            answer = await _breaker.RunAsync(
                static (both, token) => RunAsync(both.lane, both.call, token), (lane, call), token)
                .ConfigureAwait(false);
        }
        finally
        {
            call.ReleaseUnsent();
        }

        _services.Metrics?.Finished(
            NetworkMetrics.Client, call.Type.NameOf(), answer.Error, _services.Time.GetElapsedTime(started));
        return answer;
    }

    public void Sweep(long now)
    {
        _small.Sweep(now, _options);
        _bulk.Sweep(now, _options);
    }

    public void Close()
    {
        _small.Close();
        _bulk.Close();
    }

    private static async ValueTask<PeerAnswer> RunAsync(PeerLane lane, PendingCall call, CancellationToken token)
    {
        LaneSlot? slot = await lane.EnterAsync(call.Deadline, token).ConfigureAwait(false);
        if (slot is null)
        {
            return new PeerAnswer(PeerError.Busy);
        }

        try
        {
            ClientConnection? connection = await SendAsync(lane, slot, call, token).ConfigureAwait(false);
            return connection is null
                ? new PeerAnswer(PeerError.Unreachable)
                : await AwaitAsync(connection, call, token).ConfigureAwait(false);
        }
        finally
        {
            lane.Leave(slot);
        }
    }

    /// <summary>A connection that was told to go in this moment is replaced by another, once.</summary>
    private static async ValueTask<ClientConnection?> SendAsync(
        PeerLane lane, LaneSlot slot, PendingCall call, CancellationToken token)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            ClientConnection? connection = await lane.ConnectAsync(slot, token).ConfigureAwait(false);
            if (connection is null)
            {
                break;
            }

            if (connection.TrySend(call))
            {
                return connection;
            }
        }

        return null;
    }

    private static async ValueTask<PeerAnswer> AwaitAsync(
        ClientConnection connection, PendingCall call, CancellationToken token)
    {
        PeerAnswer answer;
        using (token.UnsafeRegister(
            static state => GiveUp(((ClientConnection, PendingCall))state!), (connection, call)))
        {
            answer = await call.Answer.ConfigureAwait(false);
        }

        if (answer.Value is null && answer.Error == PeerError.Unreachable)
        {
            token.ThrowIfCancellationRequested();
        }

        return answer;

        static void GiveUp((ClientConnection Connection, PendingCall Call) both) =>
            both.Connection.GiveUp(both.Call, new PeerAnswer(PeerError.Unreachable));
    }
}
