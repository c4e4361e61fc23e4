using Ambry.Protocol;

namespace Ambry.Host.Handles;

/// <summary>What a request wants.</summary>
internal enum HandleOperation
{
    HealthCheck,
    Preflight,
    PostBlob,
    GetBlob,
    GetBlobInfo,
    GetUserMetadata,
    DeleteBlob,
    UpdateTtl,
    Undelete,
    Stitch,
    SignUrl,
}

/// <summary>
/// A method and a path, understood. HEAD is GET without the body. The id is as it was sent: a blob id, or a signed
/// chunk id.
/// </summary>
internal readonly record struct HandleRoute(HandleOperation Operation, string Id)
{
    /// <summary>In front of a signed chunk id.</summary>
    public const string SignedIdPrefix = "/signedId/";

    public const string AllMethods = "POST, GET, OPTIONS, HEAD, DELETE, PUT";

    private const string BlobInfo = "/BlobInfo";
    private const string UserMetadata = "/UserMetadata";

    private static readonly HashSet<string> Unbuilt =
        new(["named", "accounts", "peers", "getClusterMapSnapshot", "statsReport", "resourceInfo"]);

    /// <exception cref="HandleException">There is nothing there, or nothing to be done with that method.</exception>
    public static HandleRoute Of(string method, string path)
    {
        if (method == "OPTIONS")
        {
            return new HandleRoute(HandleOperation.Preflight, "");
        }

        return path switch
        {
            "/healthCheck" => Fixed(HandleOperation.HealthCheck, method, "GET", "HEAD"),
            "/" => Fixed(HandleOperation.PostBlob, method, "POST"),
            "/updateTtl" => Fixed(HandleOperation.UpdateTtl, method, "PUT"),
            "/undelete" => Fixed(HandleOperation.Undelete, method, "PUT"),
            "/stitch" => Fixed(HandleOperation.Stitch, method, "POST"),
            "/signedUrl" => Fixed(HandleOperation.SignUrl, method, "GET"),
            _ => OfBlob(method, path),
        };
    }

    private static HandleRoute OfBlob(string method, string path)
    {
        if (path.EndsWith(BlobInfo, StringComparison.Ordinal))
        {
            string id = ToId(path[..^BlobInfo.Length]);
            return Fixed(HandleOperation.GetBlobInfo, method, "GET", "HEAD") with { Id = id };
        }

        if (path.EndsWith(UserMetadata, StringComparison.Ordinal))
        {
            string id = ToId(path[..^UserMetadata.Length]);
            return Fixed(HandleOperation.GetUserMetadata, method, "GET", "HEAD") with { Id = id };
        }

        string blob = ToId(path);
        return method == "DELETE"
            ? new HandleRoute(HandleOperation.DeleteBlob, blob)
            : Fixed(HandleOperation.GetBlob, method, "GET", "HEAD", "DELETE") with { Id = blob };
    }

    private static string ToId(string path)
    {
        string id = path.StartsWith(SignedIdPrefix, StringComparison.Ordinal)
            ? path[SignedIdPrefix.Length..]
            : path.Length > 1 ? path[1..] : "";
        if (Unbuilt.Contains(id.Split('/')[0]))
        {
            throw new HandleException(HandleFault.NotFound, "This server has no such resource.");
        }

        bool isId = path.StartsWith(SignedIdPrefix, StringComparison.Ordinal) || BlobId.TryParse(id, out _);
        return isId ? id : throw new HandleException(HandleFault.InvalidBlobId, "The path is not a blob id.");
    }

    private static HandleRoute Fixed(HandleOperation operation, string method, params string[] methods) =>
        methods.Contains(method)
            ? new HandleRoute(operation, "")
            : throw new HandleException(HandleFault.NotAllowed, "The resource has no such method.")
            {
                Headers = [new("Allow", string.Join(", ", methods))],
            };
}
