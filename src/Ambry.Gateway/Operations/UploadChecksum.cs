using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Checksums;
using Ambry.S3.Errors;

namespace Ambry.Gateway.Operations;

/// <summary>
/// The checksum of an object made of parts, from theirs alone, compared with the one that the client expects. A value
/// that cannot be verified is refused and never stored.
/// </summary>
internal static class UploadChecksum
{
    /// <summary>Null when nobody asked for one.</summary>
    public static StoredChecksum? Of(S3Call call, MultipartUpload upload, IReadOnlyList<StoredPart> parts)
    {
        CheckType(call, upload);
        var expected = Expected(call);
        var algorithm = upload.ChecksumAlgorithm is { } name ? Checksums.Parse(name) : expected?.Algorithm;
        if (algorithm is not { } wanted)
        {
            return null;
        }

        if (expected is { } sent && sent.Algorithm != wanted)
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                $"The upload was created using the {upload.ChecksumAlgorithm} checksum mode. The complete request must "
                + "use the same checksum mode.");
        }

        // What Create did not fix, the value's own form tells: a composite one ends in the number of parts.
        var isComposite = upload.ChecksumAlgorithm is null
            ? expected!.Value.Base64.Contains('-', StringComparison.Ordinal)
            : upload.ChecksumIsComposite;
        var value = Compute(wanted, isComposite, parts);
        return expected is null || IsSame(expected.Value.Base64, value, isComposite)
            ? new StoredChecksum(ChecksumAlgorithms.Name(wanted), value, isComposite)
            : throw Mismatch(ChecksumAlgorithms.Name(wanted));
    }

    /// <summary>Whether a Complete that is sent again expects the checksum that the object has.</summary>
    public static void CheckSame(S3Call call, StoredObject stored)
    {
        if (Expected(call) is not { } sent)
        {
            return;
        }

        var name = ChecksumAlgorithms.Name(sent.Algorithm);
        if (stored.Checksum is not { } known || known.Algorithm != name
            || !IsSame(sent.Base64, known.Value, known.IsComposite))
        {
            throw Mismatch(name);
        }
    }

    private static S3Exception Mismatch(string name) => new(
        S3Errors.BadDigest, $"The {name.ToLowerInvariant()} you specified did not match the calculated checksum.");

    private static void CheckType(S3Call call, MultipartUpload upload)
    {
        if (upload.ChecksumAlgorithm is not null && Checksums.IsCompositeAskedFor(call) is { } asked
            && asked != upload.ChecksumIsComposite)
        {
            throw new S3Exception(
                S3Errors.InvalidRequest,
                $"The upload was created using the {Checksums.TypeName(upload.ChecksumIsComposite)} checksum type. The "
                + "complete request must use the same checksum type.");
        }
    }

    private static ChecksumValue? Expected(S3Call call)
    {
        ChecksumValue? found = null;
        foreach (var field in call.Request.Headers.Fields)
        {
            if (!ChecksumAlgorithms.TryParseHeader(field.Key, out var algorithm)
                || string.IsNullOrWhiteSpace(field.Value))
            {
                continue;
            }

            found = found is null
                ? new ChecksumValue(algorithm, field.Value.Trim())
                : throw new S3Exception(
                    S3Errors.InvalidRequest,
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        }

        return found;
    }

    private static string Compute(ChecksumAlgorithm algorithm, bool isComposite, IReadOnlyList<StoredPart> parts)
    {
        var name = ChecksumAlgorithms.Name(algorithm);
        var values = new List<ChecksumPart>(parts.Count);
        foreach (var part in parts)
        {
            var checksum = part.Checksums.FirstOrDefault(item => item.Algorithm == name)
                ?? throw new S3Exception(
                    S3Errors.InvalidRequest,
                    $"The upload was created using a {name.ToLowerInvariant()} checksum. The complete request must "
                    + $"include the checksum for each part. It was missing for part {part.Number} in the request.");
            values.Add(new ChecksumPart(checksum.Value, part.SizeBytes));
        }

        if (isComposite)
        {
            return ChecksumCombiner.Composite(algorithm, values.ConvertAll(value => value.Base64));
        }

        return ChecksumAlgorithms.CanCombine(algorithm)
            ? ChecksumCombiner.FullObject(algorithm, values)
            : throw new S3Exception(
                S3Errors.InvalidRequest, $"The {name} checksum of a whole object cannot be had from its parts.");
    }

    // Some SDKs leave the number of parts out of a composite value.
    private static bool IsSame(string sent, string computed, bool isComposite) =>
        sent == computed || (isComposite && sent == computed[..computed.LastIndexOf('-')]);
}
