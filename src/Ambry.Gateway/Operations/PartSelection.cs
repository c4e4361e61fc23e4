using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Errors;
using Ambry.S3.Xml;

namespace Ambry.Gateway.Operations;

/// <summary>The parts that a Complete names, compared with those that were uploaded.</summary>
internal sealed record PartSelection(IReadOnlyList<StoredPart> Parts)
{
    /// <summary>AWS's least size of every part but the last.</summary>
    public const long PartBytesMin = 5 * 1024 * 1024;

    private const string ObjectSizeHeader = "x-amz-mp-object-size";

    public static PartSelection Select(S3Call call, CompleteMultipartUploadRequest request, PartListing listing)
    {
        var known = listing.Parts.ToDictionary(part => part.Number);
        var parts = new List<StoredPart>(request.Parts.Count);
        var last = 0;
        foreach (var named in request.Parts)
        {
            if (named.Number <= last)
            {
                throw new S3Exception(S3Errors.InvalidPartOrder)
                {
                    Extras = [new("UploadId", listing.Upload.UploadId)],
                };
            }

            last = named.Number;
            parts.Add(known.TryGetValue(named.Number, out var part) && IsSame(named, part)
                ? part
                : throw Invalid(named, listing.Upload.UploadId));
        }

        CheckSizes(parts);
        CheckObjectSize(call, parts);
        return new PartSelection(parts);
    }

    private static bool IsSame(CompletedPart named, StoredPart part) =>
        string.Equals(named.ETag.Trim('"'), part.ETag, StringComparison.OrdinalIgnoreCase)
        && named.Checksums.All(sent => part.Checksums.Any(
            stored => stored.Algorithm == sent.Algorithm && stored.Value == sent.Value));

    private static void CheckSizes(List<StoredPart> parts)
    {
        foreach (var part in parts.SkipLast(1))
        {
            if (part.SizeBytes < PartBytesMin)
            {
                throw new S3Exception(S3Errors.EntityTooSmall)
                {
                    Extras =
                    [
                        new("ProposedSize", part.SizeBytes.ToString()),
                        new("MinSizeAllowed", PartBytesMin.ToString()),
                        new("PartNumber", part.Number.ToString()),
                        new("ETag", part.ETag),
                    ],
                };
            }
        }
    }

    private static void CheckObjectSize(S3Call call, List<StoredPart> parts)
    {
        var size = parts.Sum(part => part.SizeBytes);
        if (call.Header(ObjectSizeHeader) is { } expected && expected.Trim() != size.ToString())
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                $"The provided '{ObjectSizeHeader}' header does not match what was computed.")
            {
                Extras = [new("ExpectedSize", expected), new("ComputedSize", size.ToString())],
            };
        }
    }

    private static S3Exception Invalid(CompletedPart named, string uploadId) => new(S3Errors.InvalidPart)
    {
        Extras =
        [
            new("UploadId", uploadId),
            new("PartNumber", named.Number.ToString()),
            new("ETag", named.ETag.Trim('"')),
        ],
    };
}
