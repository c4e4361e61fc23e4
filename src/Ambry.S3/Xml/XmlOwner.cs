namespace Ambry.S3.Xml;

/// <summary>Whom a bucket, an object or an upload belongs to.</summary>
public sealed record XmlOwner(string Id, string DisplayName)
{
    internal void WriteTo(XmlOutput output, string name)
    {
        output.Open(name);
        output.Element("ID", Id);
        output.Element("DisplayName", DisplayName);
        output.Close(name);
    }
}
