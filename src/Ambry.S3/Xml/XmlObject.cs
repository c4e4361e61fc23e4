namespace Ambry.S3.Xml;

/// <summary>An object as both listings show it.</summary>
/// <param name="ChecksumAlgorithm">Null when the object has no checksum.</param>
/// <param name="ChecksumType">FULL_OBJECT or COMPOSITE.</param>
/// <param name="Owner">Null where it is not asked for.</param>
public sealed record XmlObject(
    ReadOnlyMemory<byte> Key,
    DateTimeOffset LastModified,
    string ETag,
    long SizeBytes,
    string? ChecksumAlgorithm,
    string? ChecksumType,
    XmlOwner? Owner)
{
    internal void WriteTo(XmlOutput output, bool urlEncoded)
    {
        output.Open("Contents");
        output.Key("Key", Key.Span, urlEncoded);
        output.Element("LastModified", LastModified);
        output.ETag(ETag);
        output.Element("ChecksumAlgorithm", ChecksumAlgorithm);
        output.Element("ChecksumType", ChecksumType);
        output.Element("Size", SizeBytes);
        Owner?.WriteTo(output, "Owner");
        output.Element("StorageClass", "STANDARD");
        output.Close("Contents");
    }

    internal static void WritePrefixes(
        XmlOutput output, IReadOnlyList<ReadOnlyMemory<byte>> prefixes, bool urlEncoded)
    {
        foreach (var prefix in prefixes)
        {
            output.Open("CommonPrefixes");
            output.Key("Prefix", prefix.Span, urlEncoded);
            output.Close("CommonPrefixes");
        }
    }
}
