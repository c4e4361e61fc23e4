using Ambry.S3.Errors;

namespace Ambry.S3.Xml;

/// <summary>
/// The optional body of CreateBucket. Tags and directory buckets are not built, and a bucket made without them would
/// not be the one that was asked for.
/// </summary>
/// <param name="LocationConstraint">Null when none is named.</param>
public sealed record CreateBucketConfiguration(string? LocationConstraint)
{
    /// <exception cref="S3Exception">MalformedXML, or NotImplemented.</exception>
    public static CreateBucketConfiguration Parse(ReadOnlyMemory<byte> body) =>
        XmlInput.Parse(body, "CreateBucketConfiguration", reader =>
        {
            string? location = null;
            XmlInput.ForEachChild(reader, name =>
            {
                switch (name)
                {
                    case "LocationConstraint":
                        location = XmlInput.Text(reader).Trim();
                        return true;
                    case "Location" or "Bucket" or "Tags":
                        throw new S3Exception(S3Errors.NotImplemented) { Extras = [new("Element", name)] };
                    default:
                        return false;
                }
            });
            return new CreateBucketConfiguration(string.IsNullOrEmpty(location) ? null : location);
        });
}
