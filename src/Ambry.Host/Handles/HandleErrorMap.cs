using Ambry.Router;

namespace Ambry.Host.Handles;

/// <summary>The one place where what an operation came to becomes what an HTTP client is told. Pure.</summary>
internal static class HandleErrorMap
{
    /// <summary>Long enough for a failure detector to have looked again.</summary>
    private const string RetryAfterSeconds = "1";

    /// <summary>Fails for None, which is no error.</summary>
    public static HandleFault FaultOf(RouterError error) => error switch
    {
        RouterError.NotFound => HandleFault.NotFound,
        RouterError.Unavailable or RouterError.Busy => HandleFault.Unavailable,
        RouterError.InsufficientCapacity => HandleFault.InsufficientCapacity,
        RouterError.BadRequest => HandleFault.BadRequest,
        RouterError.NotAllowed => HandleFault.NotAllowed,
        RouterError.NotDeleted => HandleFault.Conflict,
        RouterError.Corrupt or RouterError.Internal => HandleFault.Internal,
        _ => throw new System.Diagnostics.UnreachableException($"{error} has no HTTP status."),
    };

    public static HandleException ToException(RouterError error)
    {
        var fault = FaultOf(error);
        return new HandleException(fault, MessageOf(error))
        {
            Headers = HeadersOf(fault),
        };
    }

    private static IReadOnlyList<KeyValuePair<string, string>> HeadersOf(HandleFault fault)
    {
        if (fault == HandleFault.Unavailable)
        {
            return [new("Retry-After", RetryAfterSeconds)];
        }

        // The original's status for a change that the blob's state rules out; HTTP wants the header with it.
        return fault == HandleFault.NotAllowed ? [new("Allow", HandleRoute.AllMethods)] : [];
    }

    private static string MessageOf(RouterError error) => error switch
    {
        RouterError.NotFound => "There is no such blob.",
        RouterError.Unavailable => "Too few replicas answered; try again.",
        RouterError.Busy => "Too much is under way; try again.",
        RouterError.InsufficientCapacity => "No partition takes new blobs.",
        RouterError.BadRequest => "The blob cannot be made or changed like that.",
        RouterError.NotAllowed => "The blob's state rules that out.",
        RouterError.NotDeleted => "Only a deleted blob can be undeleted.",
        _ => "The request failed for a reason of the server's own.",
    };
}
