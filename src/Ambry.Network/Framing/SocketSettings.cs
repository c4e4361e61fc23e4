using System.Net.Sockets;

namespace Ambry.Network;

/// <summary>What both ends ask of their sockets. Stateless.</summary>
internal static class SocketSettings
{
    /// <summary>
    /// Frames are gathered before they are written, so nothing is gained by waiting. Keep-alive finds a peer that
    /// vanished without a word within half a minute; requests have their own limits, this is for idle connections.
    /// </summary>
    public static void Apply(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 15);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }
}
