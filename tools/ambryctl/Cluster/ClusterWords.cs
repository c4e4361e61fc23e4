using System.Globalization;
using Ambry.ClusterMap;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>What stands on the command line for nodes, disks and sizes. Each notes a fault and answers null.</summary>
internal static class ClusterWords
{
    public const string NodeSyntax = "DC/[RACK/]HOST:PORT[,admin=PORT],disk=MOUNT:SIZE[,disk=MOUNT:SIZE...]";

    private static readonly (string Suffix, int Shift)[] Units =
    [
        ("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40),
    ];

    /// <summary>A whole number of bytes, or of KiB, MiB, GiB or TiB.</summary>
    public static long? Size(string text, string what, Faults faults)
    {
        (string suffix, int shift) = Units.FirstOrDefault(
            unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase), (Suffix: string.Empty, Shift: 0));
        ReadOnlySpan<char> number = text.AsSpan(0, text.Length - suffix.Length);
        if (long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long n)
            && n > 0 && n <= long.MaxValue >> shift)
        {
            return n << shift;
        }

        faults.Add($"{what}: '{text}' is no size; give a whole number of bytes, or with KiB, MiB, GiB or TiB behind "
            + "it.");
        return null;
    }

    /// <summary>HOST:PORT; brackets around an IPv6 address are taken off.</summary>
    public static DataNodeId? Node(string text, string what, Faults faults)
    {
        int colon = text.LastIndexOf(':');
        if (colon > 0 && Port(text[(colon + 1)..]) is { } port && text.AsSpan(0, colon).Trim("[]").Length > 0)
        {
            return new DataNodeId(text[..colon].Trim('[', ']'), port);
        }

        faults.Add($"{what}: '{text}' is not HOST:PORT.");
        return null;
    }

    public static DiskLayout? Disk(string text, string what, Faults faults)
    {
        int colon = text.LastIndexOf(':');
        if (colon <= 0)
        {
            faults.Add($"{what}: '{text}' is not MOUNT:SIZE.");
            return null;
        }

        return Size(text[(colon + 1)..], what, faults) is { } bytes
            ? new DiskLayout(text[..colon], bytes, HardwareState.Available)
            : null;
    }

    /// <summary>A new node in the form of <see cref="NodeSyntax"/>.</summary>
    public static NewNode? NewNode(string text, Faults faults)
    {
        string[] parts = text.Split(',');
        string what = $"node '{parts[0]}'";
        string[] path = parts[0].Split('/');
        if (path.Length is < 2 or > 3 || path.Any(word => word.Length == 0))
        {
            faults.Add($"{what}: must begin with DC/HOST:PORT or DC/RACK/HOST:PORT.");
            return null;
        }

        DataNodeId? id = Node(path[^1], what, faults);
        int? admin = null;
        var disks = new List<DiskLayout>();
        foreach (string part in parts.Skip(1))
        {
            string value = part[(part.IndexOf('=') + 1)..];
            if (part.StartsWith("disk=", StringComparison.Ordinal))
            {
                disks.AddRange(Disk(value, what, faults) is { } disk ? [disk] : []);
            }
            else if (part.StartsWith("admin=", StringComparison.Ordinal) && admin is null && Port(value) is { } port)
            {
                admin = port;
            }
            else
            {
                faults.Add($"{what}: '{part}' is neither admin=PORT (once) nor disk=MOUNT:SIZE.");
            }
        }

        if (parts.Skip(1).All(part => !part.StartsWith("disk=", StringComparison.Ordinal)))
        {
            faults.Add($"{what}: has no disk=MOUNT:SIZE.");
        }

        return id is { } known
            ? new NewNode(path[0], new DataNodeLayout(
                known.Host, known.Port, path.Length == 3 ? path[1] : string.Empty, HardwareState.Available, disks)
            {
                AdminPort = admin ?? 0,
            })
            : null;
    }

    /// <summary>NAME=ID of a data centre, 0 to 255.</summary>
    public static (string Name, byte Id)? Datacenter(string text, Faults faults)
    {
        int equals = text.LastIndexOf('=');
        if (equals > 0
            && byte.TryParse(text.AsSpan(equals + 1), NumberStyles.None, CultureInfo.InvariantCulture, out byte id))
        {
            return (text[..equals], id);
        }

        faults.Add($"data centre '{text}': is not NAME=ID with an id of 0 to 255.");
        return null;
    }

    private static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port)
        && port is >= 1 and <= ushort.MaxValue
            ? port
            : null;
}

/// <param name="Datacenter">The name of the data centre that it is in.</param>
internal sealed record NewNode(string Datacenter, DataNodeLayout Node);
