using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Errors;

namespace Ambry.Gateway;

/// <summary>
/// What an outcome below becomes for a client. Whatever has no line here is an internal error: nothing of the inside shows
/// unless a line says so.
/// </summary>
internal static class ObjectErrorMap
{
    public static S3Error ToS3Error(ObjectError error) => error switch
    {
        ObjectError.NoSuchBucket => S3Errors.NoSuchBucket,
        ObjectError.BucketExists => S3Errors.BucketAlreadyOwnedByYou,
        ObjectError.BucketNotEmpty => S3Errors.BucketNotEmpty,
        ObjectError.NoSuchKey => S3Errors.NoSuchKey,
        ObjectError.NoSuchUpload => S3Errors.NoSuchUpload,
        ObjectError.InvalidPart => S3Errors.InvalidPart,
        ObjectError.PreconditionFailed => S3Errors.PreconditionFailed,
        ObjectError.Conflict => S3Errors.ConditionalRequestConflict,
        ObjectError.Busy => S3Errors.SlowDown,
        ObjectError.Unavailable => S3Errors.ServiceUnavailable,
        ObjectError.InsufficientCapacity => S3Errors.ServiceUnavailable,
        ObjectError.None or ObjectError.Corrupt or ObjectError.Internal => S3Errors.InternalError,
        _ => S3Errors.InternalError,
    };

    /// <summary>The value of an outcome, or its error with the extras that name what was asked for.</summary>
    public static T Require<T>(this Outcome<T> outcome, S3Call call)
        where T : class
    {
        Require(outcome.Error, call);
        return outcome.Value ?? throw new InvalidOperationException("An outcome has neither an error nor a value.");
    }

    public static void Require(this ObjectError error, S3Call call)
    {
        if (error != ObjectError.None)
        {
            throw ToException(error, call);
        }
    }

    public static Exception ToException(ObjectError error, S3Call call)
    {
        var shown = ToS3Error(error);
        return shown == S3Errors.InternalError
            ? new ObjectFailureException(error)
            : new S3Exception(shown) { Extras = Extras(error, call) };
    }

    private static KeyValuePair<string, string>[] Extras(ObjectError error, S3Call call) => error switch
    {
        ObjectError.NoSuchBucket or ObjectError.BucketExists or ObjectError.BucketNotEmpty =>
            [new("BucketName", call.Bucket)],
        ObjectError.NoSuchKey => [new("Key", call.Target.KeyText)],
        ObjectError.NoSuchUpload => [new("UploadId", call.Target.Query["uploadId"] ?? string.Empty)],
        ObjectError.PreconditionFailed => [new("Condition", FailedCondition(call))],
        _ => [],
    };

    private static string FailedCondition(S3Call call) =>
        call.Header("If-Match") is not null ? "If-Match" : "If-None-Match";
}
