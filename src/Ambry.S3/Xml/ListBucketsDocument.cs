namespace Ambry.S3.Xml;

public sealed record XmlBucket(string Name, DateTimeOffset CreatedAt, string Region);

/// <summary>ListAllMyBucketsResult.</summary>
/// <param name="Prefix">As asked for; null when it was not.</param>
/// <param name="ContinuationToken">For the next page; null on the last one.</param>
public sealed record ListBucketsDocument(
    XmlOwner Owner, IReadOnlyList<XmlBucket> Buckets, string? Prefix, string? ContinuationToken) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("ListAllMyBucketsResult");
        Owner.WriteTo(output, "Owner");
        output.Open("Buckets");
        foreach (var bucket in Buckets)
        {
            output.Open("Bucket");
            output.Element("Name", bucket.Name);
            output.Element("CreationDate", bucket.CreatedAt);
            output.Element("BucketRegion", bucket.Region);
            output.Close("Bucket");
        }

        output.Close("Buckets");
        output.Element("ContinuationToken", ContinuationToken);
        output.Element("Prefix", Prefix);
        output.Close("ListAllMyBucketsResult");
    }
}
