using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Errors;
using Ambry.S3.Names;
using Microsoft.AspNetCore.Http;

namespace Ambry.Gateway.Operations;

/// <summary>The head of the answer to a GET or HEAD of an object; the same for both.</summary>
internal static class ObjectHeaders
{
    private static readonly (string Parameter, string Header)[] Overrides =
    [
        ("response-content-type", "Content-Type"),
        ("response-content-language", "Content-Language"),
        ("response-expires", "Expires"),
        ("response-cache-control", "Cache-Control"),
        ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"),
    ];

    /// <summary>Throws for an override that no header can hold, so it is called before anything is opened.</summary>
    public static void CheckOverrides(S3Call call)
    {
        foreach (var (parameter, _) in Overrides)
        {
            if (call.Parameter(parameter) is { } value && !HeaderValues.IsSendable(value))
            {
                throw new S3Exception(S3Errors.InvalidArgument)
                {
                    Extras = [new("ArgumentName", parameter), new("ArgumentValue", value)],
                };
            }
        }
    }

    public static void Apply(S3Call call, StoredObject source, ObjectSelection selection)
    {
        var response = call.Http.Response;
        var headers = response.Headers;
        response.StatusCode = selection.Status;
        response.ContentLength = selection.Length;
        headers.AcceptRanges = "bytes";
        headers.ETag = $"\"{source.ETag}\"";
        headers.LastModified = S3Dates.FormatHttp(source.LastModified);
        if (selection.Status == StatusCodes.Status206PartialContent)
        {
            var last = selection.Offset + selection.Length - 1;
            headers.ContentRange = $"bytes {selection.Offset}-{last}/{source.SizeBytes}";
        }

        foreach (var header in source.Headers)
        {
            headers[header.Key] = header.Value;
        }

        foreach (var item in source.UserMetadata)
        {
            headers[ObjectMetadata.UserPrefix + item.Key] = item.Value;
        }

        if (selection.Part is not null)
        {
            headers["x-amz-mp-parts-count"] = source.Parts.Count.ToString();
        }

        ApplyOverrides(call);
        ApplyChecksum(call, source, selection);
    }

    private static void ApplyOverrides(S3Call call)
    {
        foreach (var (parameter, header) in Overrides)
        {
            if (call.Parameter(parameter) is { } value)
            {
                call.Http.Response.Headers[header] = value;
            }
        }
    }

    // Of a range there is no checksum: SDKs would compare that of the whole with the bytes of the range.
    private static void ApplyChecksum(S3Call call, StoredObject source, ObjectSelection selection)
    {
        var isAskedFor = "ENABLED".Equals(call.Header("x-amz-checksum-mode"), StringComparison.OrdinalIgnoreCase);
        if (!isAskedFor || source.Checksum is not { } checksum)
        {
            return;
        }

        if (selection.Part is { } part)
        {
            if (part.Checksum is { } ofPart)
            {
                Checksums.Answer(call, checksum with { Value = ofPart });
            }
        }
        else if (selection.Length == source.SizeBytes)
        {
            Checksums.Answer(call, checksum);
        }
    }
}
