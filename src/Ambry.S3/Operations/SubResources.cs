using System.Collections.Frozen;
using Ambry.S3.Requests;

namespace Ambry.S3.Operations;

/// <summary>
/// Names of query parameters, sorted into those that select something and those that only refine. Immutable.
/// </summary>
internal static class SubResources
{
    /// <summary>
    /// Sub-resources that no row of the table has: of other stores, and of AWS outside its service model.
    /// </summary>
    public static readonly FrozenSet<string> Foreign = FrozenSet.ToFrozenSet(
        ["append", "annotations", "metadata", "storage-class"]);

    private static readonly FrozenSet<string> Refining = FrozenSet.ToFrozenSet(
    [
        "AWSAccessKeyId", "Expires", "Signature", "annotationName", "bucket-region", "continuation-token",
        "delimiter", "encoding-type", "fetch-owner", "id", "key-marker", "list-type", "marker", "max-buckets",
        "max-keys", "max-parts", "max-uploads", "part-number-marker", "partNumber", "prefix",
        "response-cache-control", "response-content-disposition", "response-content-encoding",
        "response-content-language", "response-content-type", "response-expires", "select-type", "start-after",
        "upload-id-marker", "version-id-marker", "versionId", "x-id",
    ]);

    /// <summary>
    /// A bare word that nobody knows looks like a sub-resource of a newer model: PUT ?annotation must not overwrite
    /// the object. AWS ignores unknown parameters, so those with a value, and cache busters such as "?1234", are
    /// ignored here too.
    /// </summary>
    public static bool MayBeNewer(S3QueryParameter parameter)
    {
        if (parameter.Value.Length > 0 || parameter.Name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
            || Refining.Contains(parameter.Name))
        {
            return false;
        }

        foreach (var c in parameter.Name)
        {
            if (!char.IsAsciiLetter(c) && c != '-')
            {
                return false;
            }
        }

        return parameter.Name.Length > 0;
    }
}
