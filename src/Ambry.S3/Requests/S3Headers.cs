namespace Ambry.S3.Requests;

/// <summary>Header fields in the order received; names compare without case. Immutable once built.</summary>
public sealed class S3Headers
{
    private readonly List<KeyValuePair<string, string>> _fields = [];

    /// <summary>All fields, a repeated name once per line.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields => _fields;

    /// <summary>The value of a header, several lines joined with a comma; null when absent.</summary>
    public string? this[string name]
    {
        get
        {
            string? joined = null;
            foreach (var field in _fields)
            {
                if (string.Equals(field.Key, name, StringComparison.OrdinalIgnoreCase))
                {
                    joined = joined is null ? field.Value : $"{joined},{field.Value}";
                }
            }

            return joined;
        }
    }

    public void Add(string name, string value) => _fields.Add(new KeyValuePair<string, string>(name, value));
}
