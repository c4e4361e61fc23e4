using System.Text;
using Ambry.Gateway.Pipeline;
using Ambry.S3.Errors;
using Ambry.S3.Payload;
using Ambry.S3.Requests;

namespace Ambry.Gateway.Operations;

/// <summary>The headers of a write that come back with every read.</summary>
/// <param name="Headers">Content-Type and its kin, verbatim.</param>
/// <param name="UserMetadata">x-amz-meta-*, without the prefix, names in lower case.</param>
internal sealed record ObjectMetadata(
    IReadOnlyList<KeyValuePair<string, string>> Headers, IReadOnlyList<KeyValuePair<string, string>> UserMetadata)
{
    public const string UserPrefix = "x-amz-meta-";
    public const string DefaultContentType = "binary/octet-stream";

    private const string ContentEncoding = "Content-Encoding";

    private static readonly string[] SystemHeaders =
        ["Content-Type", "Cache-Control", "Content-Disposition", ContentEncoding, "Content-Language", "Expires"];

    public static ObjectMetadata Read(S3Call call, int userMetadataBytesMax) =>
        new(ReadSystem(call), ReadUser(call, userMetadataBytesMax));

    private static List<KeyValuePair<string, string>> ReadSystem(S3Call call)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach (var name in SystemHeaders)
        {
            var value = call.Header(name);
            if (name == ContentEncoding)
            {
                // The chunks were for the journey only; a browser could not undo them.
                value = ContentEncodings.StripAwsChunked(value);
            }

            if (!string.IsNullOrEmpty(value))
            {
                headers.Add(new(name, Checked(name, value)));
            }
        }

        if (headers.Count == 0 || headers[0].Key != SystemHeaders[0])
        {
            headers.Insert(0, new(SystemHeaders[0], DefaultContentType));
        }

        return headers;
    }

    private static List<KeyValuePair<string, string>> ReadUser(S3Call call, int bytesMax)
    {
        var metadata = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in call.Request.Headers.Fields)
        {
            if (field.Key.StartsWith(UserPrefix, StringComparison.OrdinalIgnoreCase))
            {
                var name = CheckedName(field.Key[UserPrefix.Length..]).ToLowerInvariant();
                var value = Checked(field.Key, field.Value);
                metadata[name] = metadata.TryGetValue(name, out var before) ? $"{before},{value}" : value;
            }
        }

        var bytes = metadata.Sum(item => Encoding.UTF8.GetByteCount(item.Key) + Encoding.UTF8.GetByteCount(item.Value));
        if (bytes > bytesMax)
        {
            throw new S3Exception(S3Errors.MetadataTooLarge)
            {
                Extras = [new("Size", bytes.ToString()), new("MaxSizeAllowed", bytesMax.ToString())],
            };
        }

        return [.. metadata];
    }

    // A name that is none would make every read of the object fail.
    private static string CheckedName(string name) => HeaderNames.IsToken(name)
        ? name
        : throw new S3Exception(S3Errors.InvalidArgument, "The name of a metadata header must be a token")
        {
            Extras = [new("ArgumentName", UserPrefix + name)],
        };

    // What could not be sent back must not be stored.
    private static string Checked(string name, string value) => HeaderValues.IsSendable(value)
        ? value
        : throw new S3Exception(S3Errors.InvalidArgument, "Header values must not contain control characters")
        {
            Extras = [new("ArgumentName", name)],
        };
}
