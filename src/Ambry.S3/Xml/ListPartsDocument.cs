namespace Ambry.S3.Xml;

public sealed record XmlPart(
    int Number, DateTimeOffset LastModified, string ETag, long SizeBytes, IReadOnlyList<XmlChecksum> Checksums);

/// <summary>ListPartsResult.</summary>
/// <param name="NextPartNumberMarker">The last part of this page; null on an empty one.</param>
/// <param name="ChecksumAlgorithm">Named at Create; null when none was.</param>
public sealed record ListPartsDocument(
    string Bucket,
    ReadOnlyMemory<byte> Key,
    string UploadId,
    XmlOwner Owner,
    int PartNumberMarker,
    int? NextPartNumberMarker,
    int MaxParts,
    bool IsTruncated,
    string? ChecksumAlgorithm,
    string? ChecksumType,
    bool UrlEncoded,
    IReadOnlyList<XmlPart> Parts) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("ListPartsResult");
        output.Element("Bucket", Bucket);
        output.Element("EncodingType", UrlEncoded ? "url" : null);
        output.Key("Key", Key.Span, UrlEncoded);
        output.Element("UploadId", UploadId);
        Owner.WriteTo(output, "Initiator");
        Owner.WriteTo(output, "Owner");
        output.Element("StorageClass", "STANDARD");
        output.Element("PartNumberMarker", PartNumberMarker);
        output.Element("NextPartNumberMarker", NextPartNumberMarker ?? 0);
        output.Element("MaxParts", MaxParts);
        output.Element("IsTruncated", IsTruncated);
        output.Element("ChecksumAlgorithm", ChecksumAlgorithm);
        output.Element("ChecksumType", ChecksumType);
        foreach (var part in Parts)
        {
            WritePart(output, part);
        }

        output.Close("ListPartsResult");
    }

    private static void WritePart(XmlOutput output, XmlPart part)
    {
        output.Open("Part");
        output.Element("PartNumber", part.Number);
        output.Element("LastModified", part.LastModified);
        output.ETag(part.ETag);
        output.Element("Size", part.SizeBytes);
        foreach (var checksum in part.Checksums)
        {
            checksum.WriteTo(output);
        }

        output.Close("Part");
    }
}
