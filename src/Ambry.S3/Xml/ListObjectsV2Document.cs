namespace Ambry.S3.Xml;

/// <summary>ListBucketResult of ListObjectsV2.</summary>
/// <param name="StartAfter">As asked for; null when it was not.</param>
/// <param name="NextContinuationToken">Present exactly when the listing is truncated.</param>
public sealed record ListObjectsV2Document(
    string Bucket,
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte>? StartAfter,
    string? ContinuationToken,
    string? NextContinuationToken,
    ReadOnlyMemory<byte> Delimiter,
    int MaxKeys,
    bool UrlEncoded,
    IReadOnlyList<XmlObject> Contents,
    IReadOnlyList<ReadOnlyMemory<byte>> CommonPrefixes) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("ListBucketResult");
        output.Element("Name", Bucket);
        output.Key("Prefix", Prefix.Span, UrlEncoded);
        output.Element("ContinuationToken", ContinuationToken);
        output.Element("NextContinuationToken", NextContinuationToken);
        if (StartAfter is { } startAfter)
        {
            output.Key("StartAfter", startAfter.Span, UrlEncoded);
        }

        output.Element("KeyCount", Contents.Count + CommonPrefixes.Count);
        output.Element("MaxKeys", MaxKeys);
        if (!Delimiter.IsEmpty)
        {
            output.Key("Delimiter", Delimiter.Span, UrlEncoded);
        }

        output.Element("EncodingType", UrlEncoded ? "url" : null);
        output.Element("IsTruncated", NextContinuationToken is not null);
        foreach (var item in Contents)
        {
            item.WriteTo(output, UrlEncoded);
        }

        XmlObject.WritePrefixes(output, CommonPrefixes, UrlEncoded);
        output.Close("ListBucketResult");
    }
}
