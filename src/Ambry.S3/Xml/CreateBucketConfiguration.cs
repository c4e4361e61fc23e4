namespace Ambry.S3.Xml;

/// <summary>The optional body of CreateBucket.</summary>
/// <param name="LocationConstraint">Null when none is named.</param>
public sealed record CreateBucketConfiguration(string? LocationConstraint)
{
    /// <exception cref="Errors.S3Exception">MalformedXML.</exception>
    public static CreateBucketConfiguration Parse(ReadOnlyMemory<byte> body) =>
        XmlInput.Parse(body, "CreateBucketConfiguration", reader =>
        {
            string? location = null;
            XmlInput.ForEachChild(reader, name =>
            {
                if (name != "LocationConstraint")
                {
                    return false;
                }

                location = XmlInput.Text(reader).Trim();
                return true;
            });
            return new CreateBucketConfiguration(string.IsNullOrEmpty(location) ? null : location);
        });
}
