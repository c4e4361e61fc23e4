using System.Text;
using System.Xml.Linq;

namespace Ambry.Integration.Tests.Support;

/// <summary>One answer as it came over the wire.</summary>
public sealed record RawResponse(int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>Whether an interim 100 Continue came before the answer.</summary>
    public bool SawContinue { get; init; }

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>The code of an error document; empty when there is none.</summary>
    public string Code => Element("Code");

    public string? this[string name] => Headers
        .Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase))
        .Select(header => header.Value)
        .FirstOrDefault();

    /// <summary>The root of the document; fails when the body is none.</summary>
    public XElement Xml => XDocument.Parse(Text).Root!;

    /// <summary>The names of all headers that are there, in lower case and in order.</summary>
    public string HeaderNames => string.Join(
        ' ', Headers.Select(header => header.Key.ToLowerInvariant()).Order(StringComparer.Ordinal));

    /// <summary>The values of all elements of that name, in document order, unescaped.</summary>
    public List<string> Values(string name) =>
        Xml.Descendants().Where(item => item.Name.LocalName == name).Select(item => item.Value).ToList();

    /// <summary>The names of the root's children, in order and each once.</summary>
    public string ChildNames => string.Join(' ', Xml.Elements().Select(item => item.Name.LocalName).Distinct());

    public override string ToString() => $"{Status} {Text}";

    /// <summary>The text of the first element of that name; empty when there is none.</summary>
    public string Element(string name)
    {
        int start = Text.IndexOf($"<{name}>", StringComparison.Ordinal);
        int end = start < 0 ? -1 : Text.IndexOf($"</{name}>", start, StringComparison.Ordinal);
        return end < 0 ? "" : Text[(start + name.Length + 2)..end];
    }
}
