using System.Globalization;
using System.Text.Json;
using Ambry.Network;
using Ambry.Protocol;

namespace Ambry.Host.Configuration;

/// <summary>Routes between nodes as they stand in a configuration file. Pure.</summary>
internal static class PeerRoutes
{
    /// <summary>False unless the element is an object of exactly the two addresses.</summary>
    public static bool TryRead(JsonElement element, out PeerRoute value)
    {
        value = null!;
        if (element.ValueKind != JsonValueKind.Object || element.EnumerateObject().Count() != 2
            || !element.TryGetProperty("to", out JsonElement to) || !TryNode(to, out DataNodeId target)
            || !element.TryGetProperty("via", out JsonElement via) || !TryNode(via, out DataNodeId through))
        {
            return false;
        }

        value = new PeerRoute(target, through);
        return true;
    }

    private static bool TryNode(JsonElement element, out DataNodeId node)
    {
        node = default;
        if (!SettingsKeys.TryText(element, out string text))
        {
            return false;
        }

        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > 65535)
        {
            return false;
        }

        node = new DataNodeId(text[..colon], port);
        return true;
    }
}
