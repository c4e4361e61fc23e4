using System.Net;
using Ambry.Protocol;
using Microsoft.Extensions.Logging;

namespace Ambry.Network;

/// <summary>Messages of the transport between nodes, ids 4700 to 4799.</summary>
internal static partial class Log
{
    [LoggerMessage(4700, LogLevel.Information, "Peers are answered at {Address}")]
    public static partial void Listening(ILogger logger, IPEndPoint address);

    [LoggerMessage(4701, LogLevel.Information, "Draining: {Connections} connections are told to go")]
    public static partial void Draining(ILogger logger, int connections);

    [LoggerMessage(4702, LogLevel.Warning, "{Connections} connections did not drain in time and are cut off")]
    public static partial void DrainOverdue(ILogger logger, int connections);

    [LoggerMessage(4703, LogLevel.Error, "A connection could not be accepted")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);

    [LoggerMessage(4704, LogLevel.Warning, "{Remote} is turned away: {Limit} connections are open already")]
    public static partial void TooManyConnections(ILogger logger, EndPoint? remote, int limit);

    [LoggerMessage(4705, LogLevel.Warning, "{Remote} did not prove itself")]
    public static partial void HandshakeFailed(ILogger logger, Exception exception, EndPoint? remote);

    [LoggerMessage(4706, LogLevel.Debug, "The connection of {Remote} broke")]
    public static partial void ConnectionBroken(ILogger logger, Exception exception, EndPoint? remote);

    [LoggerMessage(4707, LogLevel.Warning, "{Remote} does not speak the protocol: {Reason}")]
    public static partial void NotTheProtocol(ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(4708, LogLevel.Warning, "{Remote} is cut off: {Reason}")]
    public static partial void CutOff(ILogger logger, EndPoint? remote, string reason);

    [LoggerMessage(4709, LogLevel.Error, "{Operation} failed for a reason of our own")]
    public static partial void RequestFailed(ILogger logger, Exception exception, string operation);

    [LoggerMessage(4750, LogLevel.Debug, "{Peer} could not be reached")]
    public static partial void ConnectFailed(ILogger logger, Exception exception, DataNodeId peer);

    [LoggerMessage(4751, LogLevel.Debug, "The connection to {Peer} broke")]
    public static partial void PeerLost(ILogger logger, Exception exception, DataNodeId peer);

    [LoggerMessage(4752, LogLevel.Debug, "{Peer} is silent: its connection is given up")]
    public static partial void PeerSilent(ILogger logger, DataNodeId peer);

    [LoggerMessage(4753, LogLevel.Warning, "{Peer} fails: it is left alone for {Seconds:0.0} s")]
    public static partial void BreakerOpened(ILogger logger, DataNodeId peer, double seconds);

    [LoggerMessage(4756, LogLevel.Debug, "{Peer} still fails: it is left alone for another {Seconds:0.0} s")]
    public static partial void BreakerOpenedAgain(ILogger logger, DataNodeId peer, double seconds);

    [LoggerMessage(4754, LogLevel.Information, "{Peer} answers again")]
    public static partial void BreakerClosed(ILogger logger, DataNodeId peer);

    [LoggerMessage(4755, LogLevel.Error, "A sweep over the connections failed")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
