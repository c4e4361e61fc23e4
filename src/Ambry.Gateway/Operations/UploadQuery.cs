using Ambry.Gateway.Pipeline;
using Ambry.S3.Conditions;

namespace Ambry.Gateway.Operations;

/// <summary>The parameters that name an upload and a part of it.</summary>
internal static class UploadQuery
{
    /// <summary>An empty id names no upload.</summary>
    public static string UploadId(S3Call call) => call.Target.Query["uploadId"] ?? string.Empty;

    public static int ReadPartNumber(S3Call call) => PartNumber.Parse(call.Target.Query["partNumber"] ?? string.Empty);
}
