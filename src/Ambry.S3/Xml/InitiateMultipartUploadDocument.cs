namespace Ambry.S3.Xml;

/// <summary>InitiateMultipartUploadResult.</summary>
public sealed record InitiateMultipartUploadDocument(string Bucket, ReadOnlyMemory<byte> Key, string UploadId) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("InitiateMultipartUploadResult");
        output.Element("Bucket", Bucket);
        output.Key("Key", Key.Span, urlEncoded: false);
        output.Element("UploadId", UploadId);
        output.Close("InitiateMultipartUploadResult");
    }
}
