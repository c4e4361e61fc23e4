namespace Ambry.S3.Xml;

/// <summary>A configuration that nobody has set, where S3 answers with a root element and nothing in it.</summary>
public sealed record EmptyDocument(string Root) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument(Root);
        output.Close(Root);
    }
}
