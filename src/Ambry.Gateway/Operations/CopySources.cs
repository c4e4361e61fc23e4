using Ambry.Gateway.Pipeline;
using Ambry.Objects;
using Ambry.S3.Conditions;
using Ambry.S3.Errors;

namespace Ambry.Gateway.Operations;

/// <summary>The source of a copy: found, allowed, and as the client expects it.</summary>
internal static class CopySources
{
    /// <summary>The most that one copy may take, as AWS has it; larger objects are copied part by part.</summary>
    public const long BytesMax = 5L * 1024 * 1024 * 1024;

    public static ObjectPath Read(S3Call call)
    {
        var source = CopySource.Parse(call.Header(CopySource.HeaderName) ?? string.Empty);
        return new ObjectPath(source.Bucket, source.Key);
    }

    /// <summary>The source, whose absence is told with its own names and not with the target's.</summary>
    public static async ValueTask<StoredObject> FindAsync(IObjectStore store, S3Call call, ObjectPath path)
    {
        var found = await store.FindObjectAsync(path, call.Aborted);
        return found.Error switch
        {
            ObjectError.NoSuchBucket =>
                throw new S3Exception(S3Errors.NoSuchBucket) { Extras = [new("BucketName", path.Bucket)] },
            ObjectError.NoSuchKey =>
                throw new S3Exception(S3Errors.NoSuchKey)
                {
                    Extras = [new("Key", System.Text.Encoding.UTF8.GetString(path.Key.Span))],
                },
            _ => found.Require(call),
        };
    }

    public static void CheckConditions(S3Call call, StoredObject source)
    {
        var outcome = ReadConditions.EvaluateCopySource(call.Request.Headers, source.ETag, source.LastModified);
        if (outcome != ConditionOutcome.Proceed)
        {
            throw new S3Exception(S3Errors.PreconditionFailed) { Extras = [new("Condition", "x-amz-copy-source-If-*")] };
        }
    }

    public static bool IsSame(ObjectPath left, ObjectPath right) =>
        left.Bucket == right.Bucket && left.Key.Span.SequenceEqual(right.Key.Span);
}
