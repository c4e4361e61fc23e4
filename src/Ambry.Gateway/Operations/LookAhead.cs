using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Conditions;

namespace Ambry.Gateway.Operations;

/// <summary>
/// Finds out before the body is asked for that a write is doomed. The store decides again, in the same step as the change;
/// this only spares a body its journey.
/// </summary>
internal static class LookAhead
{
    private const string Any = "*";

    /// <summary>Throws when the bucket is missing or the condition fails already.</summary>
    public static async ValueTask CheckAsync(IObjectStore store, S3Call call, WriteConditions conditions)
    {
        if (conditions.IsEmpty)
        {
            (await store.FindBucketAsync(call.Bucket, call.Aborted)).Require(call);
            return;
        }

        var found = await store.FindObjectAsync(call.Path, call.Aborted);
        if (found.Error is not (ObjectError.None or ObjectError.NoSuchKey))
        {
            found.Require(call);
        }

        Evaluate(conditions, found.Value).Require(call);
    }

    public static ObjectCondition ToCondition(this WriteConditions conditions) =>
        new(conditions.IfMatch, conditions.IfNoneMatch);

    private static ObjectError Evaluate(WriteConditions conditions, StoredObject? current)
    {
        if (conditions.IfMatch is { } match)
        {
            return current is null ? ObjectError.NoSuchKey
                : match == Any || match == current.ETag ? ObjectError.None
                : ObjectError.PreconditionFailed;
        }

        return current is null ? ObjectError.None : ObjectError.PreconditionFailed;
    }
}
