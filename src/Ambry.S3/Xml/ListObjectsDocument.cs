namespace Ambry.S3.Xml;

/// <summary>ListBucketResult of ListObjects, the first version.</summary>
/// <param name="NextMarker">Only on a truncated listing with a delimiter; otherwise the last key is the next marker.</param>
public sealed record ListObjectsDocument(
    string Bucket,
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte> Marker,
    ReadOnlyMemory<byte> Delimiter,
    int MaxKeys,
    bool IsTruncated,
    ReadOnlyMemory<byte>? NextMarker,
    bool UrlEncoded,
    IReadOnlyList<XmlObject> Contents,
    IReadOnlyList<ReadOnlyMemory<byte>> CommonPrefixes) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("ListBucketResult");
        output.Element("Name", Bucket);
        output.Key("Prefix", Prefix.Span, UrlEncoded);
        output.Key("Marker", Marker.Span, UrlEncoded);
        if (NextMarker is { } next)
        {
            output.Key("NextMarker", next.Span, UrlEncoded);
        }

        output.Element("MaxKeys", MaxKeys);
        if (!Delimiter.IsEmpty)
        {
            output.Key("Delimiter", Delimiter.Span, UrlEncoded);
        }

        output.Element("EncodingType", UrlEncoded ? "url" : null);
        output.Element("IsTruncated", IsTruncated);
        foreach (var item in Contents)
        {
            item.WriteTo(output, UrlEncoded);
        }

        XmlObject.WritePrefixes(output, CommonPrefixes, UrlEncoded);
        output.Close("ListBucketResult");
    }
}
