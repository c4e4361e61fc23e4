using System.Text;
using System.Xml.Linq;

namespace Ambry.Tests.Gateway;

/// <summary>An answer as it was on the wire.</summary>
internal sealed record Answer(
    int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, bool WasContinued, bool IsWhole)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public XElement Xml => XDocument.Parse(Text).Root!;

    public string? Code => Body.Length == 0 ? null : Value("Code");

    /// <summary>A header's only value; null when absent.</summary>
    public string? this[string name]
    {
        get
        {
            var values = Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList();
            return values.Count == 0 ? null : values.Single().Value;
        }
    }

    /// <summary>The text of the only element by that name; null when absent.</summary>
    public string? Value(string element) => Values(element).SingleOrDefault();

    public List<string> Values(string element) =>
        Xml.Descendants().Where(item => item.Name.LocalName == element).Select(item => item.Value).ToList();

    public override string ToString() => $"{Status} {Text}";
}
