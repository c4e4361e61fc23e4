using System.Globalization;
using System.Xml;
using Ambry.S3.Errors;

namespace Ambry.S3.Xml;

/// <param name="ETag">As sent, with or without quotes.</param>
/// <param name="Checksums">Those that the client repeats; usually none.</param>
public sealed record CompletedPart(int Number, string ETag, IReadOnlyList<XmlChecksum> Checksums);

/// <summary>The body of CompleteMultipartUpload: 1 to 10,000 parts in the order sent, which is not checked here.</summary>
public sealed record CompleteMultipartUploadRequest(IReadOnlyList<CompletedPart> Parts)
{
    public const int MaxParts = 10_000;

    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static CompleteMultipartUploadRequest Parse(ReadOnlyMemory<byte> body) =>
        XmlInput.Parse(body, "CompleteMultipartUpload", ReadRoot);

    private static CompleteMultipartUploadRequest ReadRoot(XmlReader reader)
    {
        var parts = new List<CompletedPart>();
        XmlInput.ForEachChild(reader, name =>
        {
            if (name != "Part")
            {
                return false;
            }

            parts.Add(parts.Count < MaxParts ? ReadPart(reader) : throw XmlInput.Malformed());
            return true;
        });
        return parts.Count > 0 ? new CompleteMultipartUploadRequest(parts) : throw XmlInput.Malformed();
    }

    private static CompletedPart ReadPart(XmlReader reader)
    {
        var number = 0;
        string? etag = null;
        List<XmlChecksum>? checksums = null;
        XmlInput.ForEachChild(reader, name =>
        {
            switch (name)
            {
                case "PartNumber":
                    number = PartNumber(XmlInput.Text(reader));
                    return true;
                case "ETag":
                    etag = XmlInput.Text(reader).Trim();
                    return true;
                case var _ when name.StartsWith(XmlChecksum.ElementPrefix, StringComparison.Ordinal):
                    (checksums ??= []).Add(
                        new XmlChecksum(name[XmlChecksum.ElementPrefix.Length..], XmlInput.Text(reader).Trim()));
                    return true;
                default:
                    return false;
            }
        });
        return number > 0 && etag is not null ? new CompletedPart(number, etag, checksums ?? []) : throw XmlInput.Malformed();
    }

    private static int PartNumber(string text) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw XmlInput.Malformed();
}
