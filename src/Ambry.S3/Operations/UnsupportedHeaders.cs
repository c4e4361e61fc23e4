using Ambry.S3.Errors;
using Ambry.S3.Requests;

namespace Ambry.S3.Operations;

/// <summary>
/// Refuses requests whose headers ask for behaviour that is not built: acting as if they had not come would break a
/// promise that the client believes it was given. Presigned URLs may carry these headers as query parameters, so both
/// are looked at. An empty value counts as absent, because some clients send empty headers. Immutable.
/// </summary>
public static class UnsupportedHeaders
{
    private const string NotApplicable = "The encryption parameters are not applicable to this object.";
    private const string NoObjectLock = "Bucket is missing Object Lock Configuration";

    private static readonly S3OperationKind[] Writes =
        [S3OperationKind.PutObject, S3OperationKind.CopyObject, S3OperationKind.CreateMultipartUpload];

    private static readonly S3OperationKind[] Creations = [.. Writes, S3OperationKind.CreateBucket];

    private static readonly S3OperationKind[] PartWrites =
    [
        .. Writes,
        S3OperationKind.UploadPart,
        S3OperationKind.UploadPartCopy,
        S3OperationKind.CompleteMultipartUpload,
    ];

    private static readonly S3OperationKind[] Reads =
        [S3OperationKind.GetObject, S3OperationKind.HeadObject, S3OperationKind.ListParts];

    private static readonly S3OperationKind[] Copies = [S3OperationKind.CopyObject, S3OperationKind.UploadPartCopy];

    private static readonly UnsupportedHeader[] Table =
    [
        new("x-amz-server-side-encryption*", PartWrites, S3Errors.NotImplemented),
        new("x-amz-server-side-encryption*", Reads, S3Errors.InvalidRequest) { Message = NotApplicable },
        new("x-amz-copy-source-server-side-encryption*", Copies, S3Errors.InvalidRequest) { Message = NotApplicable },
        new("x-amz-object-lock-*", Writes, S3Errors.InvalidRequest) { Message = NoObjectLock },
        new("x-amz-write-offset-bytes", [S3OperationKind.PutObject], S3Errors.NotImplemented),
        new("x-amz-tagging", Writes, S3Errors.NotImplemented),
        new("x-amz-website-redirect-location", Writes, S3Errors.NotImplemented),
        new("x-amz-storage-class", Writes, S3Errors.InvalidStorageClass) { Accepted = ["STANDARD"] },
        new("x-amz-acl", Creations, S3Errors.InvalidArgument)
        {
            Accepted = ["private", "bucket-owner-full-control", "bucket-owner-read"],
            Known = ["public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write"],
            KnownError = S3Errors.AccessControlListNotSupported,
        },
        new("x-amz-grant-*", Creations, S3Errors.AccessControlListNotSupported),
        new("x-amz-bucket-object-lock-enabled", [S3OperationKind.CreateBucket], S3Errors.NotImplemented)
        {
            Accepted = ["false"],
        },
        new("x-amz-object-ownership", [S3OperationKind.CreateBucket], S3Errors.NotImplemented)
        {
            Accepted = ["BucketOwnerEnforced"],
        },
        new("x-amz-bucket-namespace", [S3OperationKind.CreateBucket], S3Errors.NotImplemented)
        {
            Accepted = ["global"],
        },
        new("if-none-match", [S3OperationKind.DeleteObject], S3Errors.NotImplemented),
        new("x-amz-if-match-last-modified-time", [S3OperationKind.DeleteObject], S3Errors.NotImplemented),
        new("x-amz-if-match-size", [S3OperationKind.DeleteObject], S3Errors.NotImplemented),
        new("x-amz-if-match-initiated-time", [S3OperationKind.AbortMultipartUpload], S3Errors.NotImplemented),
    ];

    /// <summary>All rules, for the compatibility page.</summary>
    public static IReadOnlyList<UnsupportedHeader> All => Table;

    /// <summary>Passes when nothing is asked for that is not built.</summary>
    /// <exception cref="S3Exception">The error of the first rule that is broken.</exception>
    public static void Check(S3Operation operation, S3Request request, S3Target target)
    {
        CheckVersionId(operation, target.Query);
        foreach (var rule in Table)
        {
            if (!rule.Operations.Contains(operation.Kind))
            {
                continue;
            }

            foreach (var field in request.Headers.Fields)
            {
                rule.Check(field.Key, field.Value);
            }

            foreach (var parameter in target.Query.Parameters)
            {
                rule.Check(parameter.Name, parameter.Value);
            }
        }
    }

    /// <summary>
    /// No version ever gets an id here, and "null" is the id of an object without one. Any other id names nothing;
    /// deleting or reading the current object instead would be wrong.
    /// </summary>
    private static void CheckVersionId(S3Operation operation, S3Query query)
    {
        if (operation.Level != S3Level.Object || operation.Kind == S3OperationKind.CorsPreflight
            || query["versionId"] is not { } versionId)
        {
            return;
        }

        if (operation.Method is "PUT" or "POST")
        {
            throw InvalidVersion("This operation does not accept a version-id.", versionId);
        }

        if (versionId.Length == 0)
        {
            throw InvalidVersion("Version id cannot be the empty string", versionId);
        }

        if (versionId != "null")
        {
            throw new S3Exception(S3Errors.NoSuchVersion) { Extras = [new("VersionId", versionId)] };
        }
    }

    private static S3Exception InvalidVersion(string message, string versionId) =>
        new(S3Errors.InvalidArgument, message)
        {
            Extras = [new("ArgumentName", "versionId"), new("ArgumentValue", versionId)],
        };
}
