using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Conditions;
using Ambry.S3.Errors;
using Ambry.S3.Names;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>Which bytes of an object a GET or HEAD means, and how the answer says so.</summary>
/// <param name="Part">The part that was asked for by number, of a multipart object.</param>
internal readonly record struct ObjectSelection(int Status, long Offset, long Length, StoredPartSummary? Part)
{
    /// <summary>Decides conditions, part number and range, in this order.</summary>
    public static ObjectSelection Of(S3Call call, StoredObject source)
    {
        CheckConditions(call, source);
        var range = call.Header("Range");
        if (call.Parameter("partNumber") is not { } partNumber)
        {
            return OfRange(call, source, range);
        }

        return range is null
            ? OfPart(source, PartNumber.Parse(partNumber))
            : throw new S3Exception(
                S3Errors.InvalidRequest, "Cannot specify both Range header and partNumber query parameter");
    }

    private static void CheckConditions(S3Call call, StoredObject source)
    {
        switch (ReadConditions.Evaluate(call.Request.Headers, source.ETag, source.LastModified))
        {
            case ConditionOutcome.NotModified:
                throw new S3Exception(S3Errors.NotModified) { Headers = [.. Validators(source)] };
            case ConditionOutcome.PreconditionFailed:
                var condition = call.Header("If-Match") is not null ? "If-Match" : "If-Unmodified-Since";
                throw new S3Exception(S3Errors.PreconditionFailed) { Extras = [new("Condition", condition)] };
            default:
                return;
        }
    }

    // What RFC 9110, section 15.4.5, wants of a 304: a cache refreshes its copy with it.
    private static IEnumerable<KeyValuePair<string, string>> Validators(StoredObject source)
    {
        yield return new("ETag", $"\"{source.ETag}\"");
        yield return new("Last-Modified", S3Dates.FormatHttp(source.LastModified));
        foreach (var header in source.Headers)
        {
            if (header.Key is "Cache-Control" or "Expires")
            {
                yield return header;
            }
        }
    }

    private static ObjectSelection OfRange(S3Call call, StoredObject source, string? range)
    {
        if (!IfRange.Permits(call.Header("If-Range"), source.ETag, source.LastModified))
        {
            range = null;
        }

        var selected = RangeHeader.Parse(range, source.SizeBytes);
        return selected.Kind switch
        {
            ByteRangeKind.Single =>
                new(StatusCodes.Status206PartialContent, selected.Offset, selected.Length, null),
            ByteRangeKind.Unsatisfiable => throw Unsatisfiable(range, source),
            _ => new(StatusCodes.Status200OK, 0, source.SizeBytes, null),
        };
    }

    private static ObjectSelection OfPart(StoredObject source, int number)
    {
        if (source.Parts.Count == 0 && number == 1)
        {
            // An empty range cannot be written into Content-Range.
            var status = source.SizeBytes == 0 ? StatusCodes.Status200OK : StatusCodes.Status206PartialContent;
            return new(status, 0, source.SizeBytes, null);
        }

        // Parts are counted in their order in the object, whatever numbers they were uploaded under.
        if (number > source.Parts.Count)
        {
            throw new S3Exception(S3Errors.InvalidPartNumber)
            {
                Extras =
                [
                    new("ActualPartCount", Math.Max(source.Parts.Count, 1).ToString()),
                    new("PartNumberRequested", number.ToString()),
                ],
                Headers = [new("Content-Range", $"bytes */{source.SizeBytes}")],
            };
        }

        var offset = source.Parts.Take(number - 1).Sum(part => part.SizeBytes);
        var part = source.Parts[number - 1];
        return part.SizeBytes == 0
            ? new(StatusCodes.Status200OK, offset, 0, part)
            : new(StatusCodes.Status206PartialContent, offset, part.SizeBytes, part);
    }

    private static S3Exception Unsatisfiable(string? range, StoredObject source) => new(S3Errors.InvalidRange)
    {
        Extras = [new("RangeRequested", range ?? string.Empty), new("ActualObjectSize", source.SizeBytes.ToString())],
        Headers = [new("Content-Range", $"bytes */{source.SizeBytes}")],
    };
}
