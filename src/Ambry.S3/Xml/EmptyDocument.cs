namespace Ambry.S3.Xml;

/// <summary>A configuration that nobody has set, where S3 answers with a root element and nothing in it.</summary>
/// <param name="Content">Elements that even the absence has.</param>
public sealed record EmptyDocument(string Root, IReadOnlyList<KeyValuePair<string, string>> Content) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument(Root);
        foreach (var element in Content)
        {
            output.Element(element.Key, element.Value);
        }

        output.Close(Root);
    }
}
