using System.Text.Json;

namespace Ambry.Host.Configuration;

/// <summary>
/// The values of a configuration file and everything that is wrong with it, found in one pass: values out of range,
/// keys given twice, and keys that nobody knows, because a misspelt word must not pass as a default. Not thread safe.
/// </summary>
internal sealed class SettingsReader
{
    private const int DepthMax = 8;

    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private readonly HashSet<string> _present = new(StringComparer.Ordinal);

    private SettingsReader()
    {
    }

    /// <summary>Each with the key that it is about.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public static SettingsReader Read(ReadOnlyMemory<byte> utf8Json, IReadOnlyList<SettingsKey> known)
    {
        var reader = new SettingsReader();
        try
        {
            using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = DepthMax });
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                var keys = known.ToDictionary(key => key.Name, StringComparer.Ordinal);
                reader.ReadObject(document.RootElement, "", keys);
            }
            else
            {
                reader._faults.Add("the file must hold one object");
            }
        }
        catch (JsonException fault)
        {
            reader._faults.Add($"the file is not JSON: {fault.Message}");
        }

        return reader;
    }

    /// <summary>Whether the file has the key, or a member of it, right or wrong.</summary>
    public bool Has(string name) => _present.Contains(name);

    /// <summary>The value, or what an absent key means.</summary>
    public T? Get<T>(SettingsKey<T> key)
        where T : notnull => _values.TryGetValue(key.Name, out object? value) ? (T)value : key.Absent;

    /// <summary>The value of a key that has to be there; a fault, and its type's default, when it is not.</summary>
    public T? Require<T>(SettingsKey<T> key, string why)
        where T : notnull
    {
        if (!Has(key.Name))
        {
            AddFault(key.Name, $"is missing: {why}");
        }

        return Get(key);
    }

    public void AddFault(string key, string fault) => _faults.Add($"{key}: {fault}");

    /// <param name="faults">Each with its key.</param>
    public void AddFaults(IEnumerable<string> faults) => _faults.AddRange(faults);

    private void ReadObject(JsonElement element, string prefix, Dictionary<string, SettingsKey> known)
    {
        foreach (JsonProperty member in element.EnumerateObject())
        {
            string name = prefix + member.Name;
            if (!_present.Add(name))
            {
                AddFault(name, "is given twice");
            }
            else if (known.TryGetValue(name, out SettingsKey? key))
            {
                ReadValue(key, member.Value);
            }
            else if (known.Keys.Any(k => k.StartsWith(name + ".", StringComparison.Ordinal)))
            {
                ReadGroup(member.Value, name, known);
            }
            else
            {
                AddFault(name, "is not a known key");
            }
        }
    }

    private void ReadGroup(JsonElement element, string name, Dictionary<string, SettingsKey> known)
    {
        if (element.ValueKind == JsonValueKind.Object)
        {
            ReadObject(element, name + ".", known);
        }
        else if (element.ValueKind == JsonValueKind.Null)
        {
            _present.Remove(name);
        }
        else
        {
            AddFault(name, "must be an object");
        }
    }

    private void ReadValue(SettingsKey key, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Null)
        {
            // The same as leaving it out, so that a template may show every key.
            _present.Remove(key.Name);
        }
        else if (key.Read(element, out string fault) is { } value)
        {
            _values.Add(key.Name, value);
        }
        else
        {
            AddFault(key.Name, fault);
        }
    }
}
