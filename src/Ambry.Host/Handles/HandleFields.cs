using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Handles;

/// <summary>
/// The x-ambry-* fields of a request, lower-case, each once: its headers, or for a signed URL what was fixed in it.
/// Immutable.
/// </summary>
internal sealed class HandleFields
{
    private readonly SortedDictionary<string, string> _fields;

    private HandleFields(SortedDictionary<string, string> fields)
    {
        _fields = fields;
    }

    /// <summary>In the order of their names.</summary>
    public IEnumerable<KeyValuePair<string, string>> All => _fields;

    /// <summary>Null when it did not come; an empty value is one.</summary>
    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <exception cref="HandleException">A field came twice, or has characters that no answer could carry.</exception>
    public static HandleFields FromHeaders(IHeaderDictionary headers)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in headers)
        {
            string name = header.Key.ToLowerInvariant();
            if (name.StartsWith(HandleHeaders.Prefix, StringComparison.Ordinal))
            {
                Add(fields, name, header.Value);
            }
        }

        return new HandleFields(fields);
    }

    /// <exception cref="HandleException">A parameter came twice, or is none of this API.</exception>
    public static HandleFields FromQuery(IQueryCollection query)
    {
        var fields = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in query)
        {
            if (!parameter.Key.StartsWith(HandleHeaders.Prefix, StringComparison.Ordinal))
            {
                throw new HandleException(HandleFault.Forbidden, "The signed URL has a parameter that was not signed.");
            }

            Add(fields, parameter.Key, parameter.Value);
        }

        return new HandleFields(fields);
    }

    public HandleFields Without(params string[] names) => With(copy =>
    {
        foreach (string name in names)
        {
            copy.Remove(name);
        }
    });

    public HandleFields With(string name, string value) => With(copy => copy[name] = value);

    private HandleFields With(Action<SortedDictionary<string, string>> change)
    {
        var copy = new SortedDictionary<string, string>(_fields, StringComparer.Ordinal);
        change(copy);
        return new HandleFields(copy);
    }

    private static void Add(
        SortedDictionary<string, string> fields, string name, Microsoft.Extensions.Primitives.StringValues values)
    {
        if (values.Count != 1)
        {
            throw new HandleException(HandleFault.InvalidArguments, $"{name} came {values.Count} times.");
        }

        string value = values[0] ?? "";
        if (value.Any(c => c is (< ' ' and not '\t') or '\x7F' or > '\xFF'))
        {
            throw new HandleException(HandleFault.InvalidArguments, $"{name} has characters that a header cannot.");
        }

        fields.Add(name, value);
    }
}
