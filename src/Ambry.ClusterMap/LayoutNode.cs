using System.Globalization;
using System.Text.Json;
using Ambry.Protocol;

namespace Ambry.ClusterMap;

/// <summary>
/// One JSON object of a layout with its place. Each getter answers a harmless default and notes a fault when the member
/// is missing or wrong, so that one pass finds everything.
/// </summary>
internal readonly struct LayoutNode(JsonElement element, string path, LayoutFaults faults)
{
    private const int MaxTextLength = 1024;

    /// <summary>
    /// Notes every member that is not known and every one given twice: a misspelt word must not pass as a default.
    /// </summary>
    public LayoutNode Expect(params ReadOnlySpan<string> known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(path, "must be an object");
            return this;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                faults.Add($"{path}.{member.Name}", "is not known here");
            }
            else if (!seen.Add(member.Name))
            {
                faults.Add($"{path}.{member.Name}", "is given twice");
            }
        }

        return this;
    }

    public string Text(string name)
    {
        string? text = TryMember(name, out JsonElement member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
        if (text is null || text.Length is 0 or > MaxTextLength)
        {
            faults.Add($"{path}.{name}", $"must be a text of 1 to {MaxTextLength} characters");
            return string.Empty;
        }

        return text;
    }

    public string OptionalText(string name) => TryMember(name, out _) ? Text(name) : string.Empty;

    public long Number(string name, long min, long max)
    {
        if (TryMember(name, out JsonElement member) && member.ValueKind == JsonValueKind.Number
            && member.TryGetInt64(out long value) && value >= min && value <= max)
        {
            return value;
        }

        faults.Add($"{path}.{name}", $"must be a whole number from {min} to {max}");
        return min;
    }

    /// <summary>0 when it is absent.</summary>
    public long OptionalNumber(string name, long min, long max) =>
        TryMember(name, out _) ? Number(name, min, max) : 0;

    /// <summary>HOST:PORT; null when it is absent.</summary>
    public DataNodeId? OptionalNode(string name)
    {
        string text = OptionalText(name);
        int colon = text.LastIndexOf(':');
        if (colon > 0
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= ushort.MaxValue)
        {
            return new DataNodeId(text[..colon], port);
        }

        if (text.Length > 0)
        {
            faults.Add($"{path}.{name}", "must be HOST:PORT of a node");
        }

        return null;
    }

    public T Word<T>(string name, T absent)
        where T : struct, Enum
    {
        if (!TryMember(name, out JsonElement member))
        {
            return absent;
        }

        if (member.ValueKind == JsonValueKind.String && LayoutWords<T>.TryGet(member.GetString()!, out T value))
        {
            return value;
        }

        faults.Add($"{path}.{name}", $"must be one of {LayoutWords<T>.Known}");
        return absent;
    }

    public LayoutNode Child(string name)
    {
        if (!TryMember(name, out JsonElement member))
        {
            faults.Add($"{path}.{name}", "is missing");
        }

        return new LayoutNode(member, $"{path}.{name}", faults);
    }

    public List<T> List<T>(string name, int maxCount, Func<LayoutNode, T> read)
    {
        var items = new List<T>();
        if (!TryMember(name, out JsonElement member) || member.ValueKind != JsonValueKind.Array
            || member.GetArrayLength() is var count && (count == 0 || count > maxCount))
        {
            faults.Add($"{path}.{name}", $"must be a list of 1 to {maxCount}");
            return items;
        }

        foreach (JsonElement item in member.EnumerateArray())
        {
            items.Add(read(new LayoutNode(item, $"{path}.{name}[{items.Count}]", faults)));
        }

        return items;
    }

    private bool TryMember(string name, out JsonElement member)
    {
        member = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out member);
    }
}
