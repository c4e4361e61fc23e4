namespace Ambry.S3.Xml;

/// <summary>CompleteMultipartUploadResult.</summary>
/// <param name="Location">The object's URL.</param>
/// <param name="ChecksumType">Null when the object has no checksum.</param>
public sealed record CompleteMultipartUploadDocument(
    string Location, string Bucket, ReadOnlyMemory<byte> Key, string ETag, XmlChecksum? Checksum, string? ChecksumType)
    : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("CompleteMultipartUploadResult");
        output.Element("Location", Location);
        output.Element("Bucket", Bucket);
        output.Key("Key", Key.Span, urlEncoded: false);
        output.ETag(ETag);
        Checksum?.WriteTo(output);
        output.Element("ChecksumType", ChecksumType);
        output.Close("CompleteMultipartUploadResult");
    }
}
