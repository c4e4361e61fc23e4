namespace Ambry.Host.Handles;

/// <summary>
/// A request that cannot be answered as it was wished, with what its sender is told. Thrown by the handle API only,
/// caught by <see cref="HandleApi"/> only.
/// </summary>
internal sealed class HandleException(HandleFault fault, string message) : Exception(message)
{
    public HandleFault Fault { get; } = fault;

    /// <summary>Further headers of the answer, as Allow and Content-Range.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}

/// <summary>An outcome as its status and the word in x-ambry-failure-reason.</summary>
internal sealed record HandleFault(int Status, string Reason)
{
    public static readonly HandleFault BadRequest = new(400, "BadRequest");
    public static readonly HandleFault MissingArguments = new(400, "MissingArguments");
    public static readonly HandleFault InvalidArguments = new(400, "InvalidArguments");
    public static readonly HandleFault InvalidBlobId = new(400, "InvalidBlobId");
    public static readonly HandleFault InvalidAccount = new(400, "InvalidAccount");
    public static readonly HandleFault InvalidContainer = new(400, "InvalidContainer");
    public static readonly HandleFault Unauthorized = new(401, "Unauthorized");
    public static readonly HandleFault Forbidden = new(403, "AccessDenied");
    public static readonly HandleFault NotFound = new(404, "NotFound");
    public static readonly HandleFault NotAllowed = new(405, "NotAllowed");
    public static readonly HandleFault RequestTimeout = new(408, "RequestTimeout");
    public static readonly HandleFault Conflict = new(409, "Conflict");
    public static readonly HandleFault Deleted = new(410, "Deleted");
    public static readonly HandleFault Expired = new(410, "Expired");
    public static readonly HandleFault LengthRequired = new(411, "LengthRequired");
    public static readonly HandleFault TooLarge = new(413, "TooLarge");
    public static readonly HandleFault RangeNotSatisfiable = new(416, "RangeNotSatisfiable");
    public static readonly HandleFault HeadersTooLarge = new(431, "HeadersTooLarge");
    public static readonly HandleFault Internal = new(500, "InternalServerError");
    public static readonly HandleFault Unavailable = new(503, "ServiceUnavailable");
    public static readonly HandleFault InsufficientCapacity = new(507, "InsufficientCapacity");
}
