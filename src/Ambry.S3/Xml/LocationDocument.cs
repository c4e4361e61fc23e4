namespace Ambry.S3.Xml;

/// <summary>LocationConstraint: the region in the root element itself, and nothing in it for us-east-1.</summary>
public sealed record LocationDocument(string Region) : IXmlDocument
{
    private const string UnnamedRegion = "us-east-1";

    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("LocationConstraint");
        if (Region != UnnamedRegion)
        {
            output.Content(Region);
        }

        output.Close("LocationConstraint");
    }
}
