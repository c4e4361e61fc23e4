using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
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
        CheckOrder(request, listing.Upload.UploadId);
        foreach (var named in request.Parts)
        {
            parts.Add(known.TryGetValue(named.Number, out var part) && IsSame(named, part)
                ? part
                : throw Invalid(named, listing.Upload.UploadId));
        }

        CheckSizes(parts);
        CheckObjectSize(call, parts.Sum(part => part.SizeBytes));
        return new PartSelection(parts);
    }

    /// <summary>Whether a Complete that is sent again names the parts of which the object was made.</summary>
    public static void CheckSame(
        S3Call call, CompleteMultipartUploadRequest request, StoredObject stored, string uploadId)
    {
        CheckOrder(request, uploadId);
        for (var i = 0; i < request.Parts.Count; i++)
        {
            var named = request.Parts[i];
            if (i >= stored.Parts.Count || stored.Parts[i].Number != named.Number || !MultipartETag.IsPart(named.ETag))
            {
                throw Invalid(named, uploadId);
            }
        }

        if (MultipartETag.Compute(request.Parts.Select(part => part.ETag).ToList()) != stored.ETag)
        {
            throw Invalid(request.Parts[^1], uploadId);
        }

        CheckObjectSize(call, stored.SizeBytes);
    }

    private static void CheckOrder(CompleteMultipartUploadRequest request, string uploadId)
    {
        var last = 0;
        foreach (var named in request.Parts)
        {
            last = named.Number > last
                ? named.Number
                : throw new S3Exception(S3Errors.InvalidPartOrder) { Extras = [new("UploadId", uploadId)] };
        }
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

    private static void CheckObjectSize(S3Call call, long size)
    {
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
