namespace Ambry.Objects;

/// <summary>What a write condition would come to against a version seen now. Pure.</summary>
internal static class ConditionPreview
{
    /// <param name="currentETag">Null when there is no version.</param>
    public static ObjectError Check(ObjectCondition condition, string? currentETag)
    {
        if (condition.IfMatch is { } wanted)
        {
            if (currentETag is null)
            {
                return ObjectError.NoSuchKey;
            }

            if (wanted != "*" && wanted != currentETag)
            {
                return ObjectError.PreconditionFailed;
            }
        }

        bool unwanted = currentETag is not null
            && (condition.IfNoneMatch == "*" || condition.IfNoneMatch == currentETag);
        return unwanted ? ObjectError.PreconditionFailed : ObjectError.None;
    }
}
