namespace Ambry.S3.Xml;

public sealed record XmlUpload(
    ReadOnlyMemory<byte> Key,
    string UploadId,
    XmlOwner Owner,
    DateTimeOffset InitiatedAt,
    string? ChecksumAlgorithm,
    string? ChecksumType);

/// <summary>ListMultipartUploadsResult.</summary>
/// <param name="NextKeyMarker">Only on a truncated listing.</param>
public sealed record ListMultipartUploadsDocument(
    string Bucket,
    ReadOnlyMemory<byte> Prefix,
    ReadOnlyMemory<byte> Delimiter,
    ReadOnlyMemory<byte> KeyMarker,
    string? UploadIdMarker,
    ReadOnlyMemory<byte>? NextKeyMarker,
    string? NextUploadIdMarker,
    int MaxUploads,
    bool IsTruncated,
    bool UrlEncoded,
    IReadOnlyList<XmlUpload> Uploads,
    IReadOnlyList<ReadOnlyMemory<byte>> CommonPrefixes) : IXmlDocument
{
    public void WriteTo(XmlOutput output)
    {
        output.OpenDocument("ListMultipartUploadsResult");
        output.Element("Bucket", Bucket);
        output.Key("KeyMarker", KeyMarker.Span, UrlEncoded);
        output.Element("UploadIdMarker", UploadIdMarker ?? string.Empty);
        if (NextKeyMarker is { } next)
        {
            output.Key("NextKeyMarker", next.Span, UrlEncoded);
            output.Element("NextUploadIdMarker", NextUploadIdMarker ?? string.Empty);
        }

        output.Key("Prefix", Prefix.Span, UrlEncoded);
        if (!Delimiter.IsEmpty)
        {
            output.Key("Delimiter", Delimiter.Span, UrlEncoded);
        }

        output.Element("EncodingType", UrlEncoded ? "url" : null);
        output.Element("MaxUploads", MaxUploads);
        output.Element("IsTruncated", IsTruncated);
        foreach (var upload in Uploads)
        {
            WriteUpload(output, upload);
        }

        XmlObject.WritePrefixes(output, CommonPrefixes, UrlEncoded);
        output.Close("ListMultipartUploadsResult");
    }

    private void WriteUpload(XmlOutput output, XmlUpload upload)
    {
        output.Open("Upload");
        output.Key("Key", upload.Key.Span, UrlEncoded);
        output.Element("UploadId", upload.UploadId);
        upload.Owner.WriteTo(output, "Initiator");
        upload.Owner.WriteTo(output, "Owner");
        output.Element("StorageClass", "STANDARD");
        output.Element("Initiated", upload.InitiatedAt);
        output.Element("ChecksumAlgorithm", upload.ChecksumAlgorithm);
        output.Element("ChecksumType", upload.ChecksumType);
        output.Close("Upload");
    }
}
