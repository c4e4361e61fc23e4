namespace Ambry.S3.Xml;

/// <summary>What every error but those of HEAD and 304 carries.</summary>
/// <param name="Extras">Typed extras of the error, such as UploadId or Region.</param>
/// <param name="Resource">The request's path as sent.</param>
public sealed record ErrorDocument(
    string Code,
    string Message,
    IReadOnlyList<KeyValuePair<string, string>> Extras,
    string Resource,
    string RequestId,
    string HostId) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenPlainDocument("Error");
        output.Element("Code", Code);
        output.Element("Message", Message);
        foreach (var extra in Extras)
        {
            output.Element(extra.Key, extra.Value);
        }

        output.Element("Resource", Resource);
        output.Element("RequestId", RequestId);
        output.Element("HostId", HostId);
        output.Close("Error");
    }
}
