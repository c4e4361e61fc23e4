namespace Ambry.S3.Xml;

/// <summary>CopyObjectResult and CopyPartResult, which differ in their name and in the checksum's type.</summary>
/// <param name="ChecksumType">Null for a part.</param>
public sealed record CopyResultDocument(
    string ETag, DateTimeOffset LastModified, IReadOnlyList<XmlChecksum> Checksums, string? ChecksumType, bool IsPart)
    : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        var root = IsPart ? "CopyPartResult" : "CopyObjectResult";
        output.OpenDocument(root);
        output.Element("LastModified", LastModified);
        output.ETag(ETag);
        output.Element("ChecksumType", ChecksumType);
        foreach (var checksum in Checksums)
        {
            checksum.WriteTo(output);
        }

        output.Close(root);
    }
}
