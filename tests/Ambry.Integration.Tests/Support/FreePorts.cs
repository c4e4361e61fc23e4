using System.Net;
using System.Net.Sockets;

namespace Ambry.Integration.Tests.Support;

/// <summary>
/// Ports of the loopback that nobody listens at: none twice in a run, and none of those that the system gives to
/// outgoing connections, or that tools/local-cluster chooses from. Thread safe.
/// </summary>
internal static class FreePorts
{
    private const int First = 12_000;
    private const int Count = 8_000;

    private static readonly Lock Gate = new();

    // Runs beside each other begin at different places.
    private static int _next = Environment.ProcessId * 64 % Count;

    public static int Next()
    {
        lock (Gate)
        {
            for (int tries = 0; tries < Count; tries++)
            {
                int port = First + _next;
                _next = (_next + 1) % Count;
                if (IsFree(port))
                {
                    return port;
                }
            }
        }

        throw new InvalidOperationException("Every port is taken.");
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
