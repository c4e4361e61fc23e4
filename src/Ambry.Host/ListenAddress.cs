using System.Globalization;
using System.Net;

namespace Ambry.Host;

/// <summary>
/// A HOST:PORT to listen at. The host is an IP address, "localhost" (both loopbacks) or "*" (every address).
/// </summary>
internal sealed record ListenAddress(string Host, int Port)
{
    /// <summary>The address as a URL prefix, as Kestrel wants it.</summary>
    public string Url => $"http://{Host}:{Port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>An address that a client on this machine can use.</summary>
    public string ClientUrl => Host is "*" or "0.0.0.0" or "[::]"
        ? $"http://127.0.0.1:{Port.ToString(CultureInfo.InvariantCulture)}"
        : Url;

    /// <summary>Whether only this machine can connect.</summary>
    public bool IsLoopback =>
        Host == "localhost" || (IPAddress.TryParse(Host.Trim('[', ']'), out IPAddress? ip) && IPAddress.IsLoopback(ip));

    /// <summary>The address as sockets want it.</summary>
    public IPEndPoint ToEndPoint() => new(
        Host switch
        {
            "*" => IPAddress.IPv6Any,
            "localhost" => IPAddress.Loopback,
            _ => IPAddress.Parse(Host.Trim('[', ']')),
        },
        Port);

    /// <summary>False, with the reason in <paramref name="fault"/>, when the text is not an address.</summary>
    public static bool TryParse(string text, out ListenAddress? address, out string fault)
    {
        address = null;
        fault = "";
        int colon = text.LastIndexOf(':');
        string host = colon > 0 ? text[..colon] : "";
        if (colon <= 0
            || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > 65535)
        {
            fault = $"'{text}' is not HOST:PORT with a port from 1 to 65535.";
            return false;
        }

        string bare = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (host is not ("*" or "localhost") && !IPAddress.TryParse(bare, out _))
        {
            fault = $"'{host}' is not an IP address, 'localhost' or '*'.";
            return false;
        }

        address = new ListenAddress(host, port);
        return true;
    }
}
