using Ambry.S3.Errors;

namespace Ambry.S3.Operations;

/// <summary>
/// The rows after AWS's service model of 2006-03-01; a superseded twin of a route stands behind its successor.
/// </summary>
internal static class S3OperationRows
{
    public static readonly S3Operation[] Service =
    [
        new(S3OperationKind.ListBuckets, "GET", S3Level.Service, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "ListBucketsTests",
        },
        new(S3OperationKind.ListDirectoryBuckets, "GET", S3Level.Service, "max-directory-buckets"),
        new(S3OperationKind.WriteGetObjectResponse, "POST", S3Level.Service, null) { Header = "x-amz-request-route" },
    ];

    public static readonly S3Operation[] Bucket =
    [
        new(S3OperationKind.CreateBucket, "PUT", S3Level.Bucket, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "CreateBucketTests",
        },
        new(S3OperationKind.CreateBucketMetadataConfiguration, "POST", S3Level.Bucket, "metadataConfiguration"),
        new(S3OperationKind.CreateBucketMetadataTableConfiguration, "POST", S3Level.Bucket, "metadataTable"),
        new(S3OperationKind.CreateSession, "GET", S3Level.Bucket, "session"),
        new(S3OperationKind.DeleteBucket, "DELETE", S3Level.Bucket, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "DeleteBucketTests",
        },
        new(S3OperationKind.DeleteBucketAnalyticsConfiguration, "DELETE", S3Level.Bucket, "analytics")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.DeleteBucketCors, "DELETE", S3Level.Bucket, "cors"),
        new(S3OperationKind.DeleteBucketEncryption, "DELETE", S3Level.Bucket, "encryption"),
        new(
            S3OperationKind.DeleteBucketIntelligentTieringConfiguration,
            "DELETE",
            S3Level.Bucket,
            "intelligent-tiering")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.DeleteBucketInventoryConfiguration, "DELETE", S3Level.Bucket, "inventory")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.DeleteBucketLifecycle, "DELETE", S3Level.Bucket, "lifecycle"),
        new(S3OperationKind.DeleteBucketMetadataConfiguration, "DELETE", S3Level.Bucket, "metadataConfiguration"),
        new(S3OperationKind.DeleteBucketMetadataTableConfiguration, "DELETE", S3Level.Bucket, "metadataTable"),
        new(S3OperationKind.DeleteBucketMetricsConfiguration, "DELETE", S3Level.Bucket, "metrics")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.DeleteBucketOwnershipControls, "DELETE", S3Level.Bucket, "ownershipControls"),
        new(S3OperationKind.DeleteBucketPolicy, "DELETE", S3Level.Bucket, "policy"),
        new(S3OperationKind.DeleteBucketReplication, "DELETE", S3Level.Bucket, "replication"),
        new(S3OperationKind.DeleteBucketTagging, "DELETE", S3Level.Bucket, "tagging"),
        new(S3OperationKind.DeleteBucketWebsite, "DELETE", S3Level.Bucket, "website"),
        new(S3OperationKind.DeleteObjects, "POST", S3Level.Bucket, "delete")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "DeleteObjectsTests",
        },
        new(S3OperationKind.DeletePublicAccessBlock, "DELETE", S3Level.Bucket, "publicAccessBlock"),
        new(S3OperationKind.GetBucketAbac, "GET", S3Level.Bucket, "abac"),
        new(S3OperationKind.GetBucketAccelerateConfiguration, "GET", S3Level.Bucket, "accelerate")
        {
            State = S3OperationState.Absent,
            EmptyDocument = "AccelerateConfiguration",
        },
        new(S3OperationKind.GetBucketAcl, "GET", S3Level.Bucket, "acl"),
        new(S3OperationKind.GetBucketAnalyticsConfiguration, "GET", S3Level.Bucket, "analytics")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.GetBucketCors, "GET", S3Level.Bucket, "cors")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchCORSConfiguration,
        },
        new(S3OperationKind.GetBucketEncryption, "GET", S3Level.Bucket, "encryption")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.ServerSideEncryptionConfigurationNotFoundError,
        },
        new(S3OperationKind.GetBucketIntelligentTieringConfiguration, "GET", S3Level.Bucket, "intelligent-tiering")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.GetBucketInventoryConfiguration, "GET", S3Level.Bucket, "inventory")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.GetBucketLifecycleConfiguration, "GET", S3Level.Bucket, "lifecycle")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchLifecycleConfiguration,
        },
        new(S3OperationKind.GetBucketLocation, "GET", S3Level.Bucket, "location")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "GetBucketLocationTests",
        },
        new(S3OperationKind.GetBucketLogging, "GET", S3Level.Bucket, "logging")
        {
            State = S3OperationState.Absent,
            EmptyDocument = "BucketLoggingStatus",
        },
        new(S3OperationKind.GetBucketMetadataConfiguration, "GET", S3Level.Bucket, "metadataConfiguration"),
        new(S3OperationKind.GetBucketMetadataTableConfiguration, "GET", S3Level.Bucket, "metadataTable"),
        new(S3OperationKind.GetBucketMetricsConfiguration, "GET", S3Level.Bucket, "metrics") { Refinements = ["id"] },
        new(S3OperationKind.GetBucketNotificationConfiguration, "GET", S3Level.Bucket, "notification")
        {
            State = S3OperationState.Absent,
            EmptyDocument = "NotificationConfiguration",
        },
        new(S3OperationKind.GetBucketOwnershipControls, "GET", S3Level.Bucket, "ownershipControls")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.OwnershipControlsNotFoundError,
        },
        new(S3OperationKind.GetBucketPolicy, "GET", S3Level.Bucket, "policy")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchBucketPolicy,
        },
        new(S3OperationKind.GetBucketPolicyStatus, "GET", S3Level.Bucket, "policyStatus")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchBucketPolicy,
        },
        new(S3OperationKind.GetBucketReplication, "GET", S3Level.Bucket, "replication")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.ReplicationConfigurationNotFoundError,
        },
        new(S3OperationKind.GetBucketRequestPayment, "GET", S3Level.Bucket, "requestPayment")
        {
            State = S3OperationState.Absent,
            EmptyDocument = "RequestPaymentConfiguration",
            DocumentContent = [new("Payer", "BucketOwner")],
        },
        new(S3OperationKind.GetBucketTagging, "GET", S3Level.Bucket, "tagging")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchTagSet,
        },
        new(S3OperationKind.GetBucketVersioning, "GET", S3Level.Bucket, "versioning")
        {
            State = S3OperationState.Absent,
            EmptyDocument = "VersioningConfiguration",
        },
        new(S3OperationKind.GetBucketWebsite, "GET", S3Level.Bucket, "website")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchWebsiteConfiguration,
        },
        new(S3OperationKind.GetObjectLockConfiguration, "GET", S3Level.Bucket, "object-lock")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.ObjectLockConfigurationNotFoundError,
        },
        new(S3OperationKind.GetPublicAccessBlock, "GET", S3Level.Bucket, "publicAccessBlock")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchPublicAccessBlockConfiguration,
        },
        new(S3OperationKind.HeadBucket, "HEAD", S3Level.Bucket, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "HeadBucketTests",
        },
        new(S3OperationKind.ListBucketAnalyticsConfigurations, "GET", S3Level.Bucket, "analytics"),
        new(S3OperationKind.ListBucketIntelligentTieringConfigurations, "GET", S3Level.Bucket, "intelligent-tiering"),
        new(S3OperationKind.ListBucketInventoryConfigurations, "GET", S3Level.Bucket, "inventory"),
        new(S3OperationKind.ListBucketMetricsConfigurations, "GET", S3Level.Bucket, "metrics"),
        new(S3OperationKind.ListMultipartUploads, "GET", S3Level.Bucket, "uploads")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "ListMultipartUploadsTests",
        },
        new(S3OperationKind.ListObjectVersions, "GET", S3Level.Bucket, "versions"),
        new(S3OperationKind.ListObjects, "GET", S3Level.Bucket, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "ListObjectsTests",
        },
        new(S3OperationKind.ListObjectsV2, "GET", S3Level.Bucket, null)
        {
            Refinements = ["list-type=2"],
            State = S3OperationState.Implemented,
            ProvenBy = "ListObjectsV2Tests",
        },
        new(S3OperationKind.PutBucketAbac, "PUT", S3Level.Bucket, "abac"),
        new(S3OperationKind.PutBucketAccelerateConfiguration, "PUT", S3Level.Bucket, "accelerate"),
        new(S3OperationKind.PutBucketAcl, "PUT", S3Level.Bucket, "acl"),
        new(S3OperationKind.PutBucketAnalyticsConfiguration, "PUT", S3Level.Bucket, "analytics")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.PutBucketCors, "PUT", S3Level.Bucket, "cors"),
        new(S3OperationKind.PutBucketEncryption, "PUT", S3Level.Bucket, "encryption"),
        new(S3OperationKind.PutBucketIntelligentTieringConfiguration, "PUT", S3Level.Bucket, "intelligent-tiering")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.PutBucketInventoryConfiguration, "PUT", S3Level.Bucket, "inventory")
        {
            Refinements = ["id"],
        },
        new(S3OperationKind.PutBucketLifecycleConfiguration, "PUT", S3Level.Bucket, "lifecycle"),
        new(S3OperationKind.PutBucketLogging, "PUT", S3Level.Bucket, "logging"),
        new(S3OperationKind.PutBucketMetricsConfiguration, "PUT", S3Level.Bucket, "metrics") { Refinements = ["id"] },
        new(S3OperationKind.PutBucketNotificationConfiguration, "PUT", S3Level.Bucket, "notification"),
        new(S3OperationKind.PutBucketOwnershipControls, "PUT", S3Level.Bucket, "ownershipControls"),
        new(S3OperationKind.PutBucketPolicy, "PUT", S3Level.Bucket, "policy"),
        new(S3OperationKind.PutBucketReplication, "PUT", S3Level.Bucket, "replication"),
        new(S3OperationKind.PutBucketRequestPayment, "PUT", S3Level.Bucket, "requestPayment"),
        new(S3OperationKind.PutBucketTagging, "PUT", S3Level.Bucket, "tagging"),
        new(S3OperationKind.PutBucketVersioning, "PUT", S3Level.Bucket, "versioning"),
        new(S3OperationKind.PutBucketWebsite, "PUT", S3Level.Bucket, "website"),
        new(S3OperationKind.PutObjectLockConfiguration, "PUT", S3Level.Bucket, "object-lock"),
        new(S3OperationKind.PutPublicAccessBlock, "PUT", S3Level.Bucket, "publicAccessBlock"),
        new(
            S3OperationKind.UpdateBucketMetadataInventoryTableConfiguration,
            "PUT",
            S3Level.Bucket,
            "metadataInventoryTable"),
        new(
            S3OperationKind.UpdateBucketMetadataJournalTableConfiguration,
            "PUT",
            S3Level.Bucket,
            "metadataJournalTable"),
        new(S3OperationKind.GetBucketLifecycle, "GET", S3Level.Bucket, "lifecycle")
        {
            State = S3OperationState.Absent,
            AbsenceError = S3Errors.NoSuchLifecycleConfiguration,
        },
        new(S3OperationKind.GetBucketNotification, "GET", S3Level.Bucket, "notification")
        {
            State = S3OperationState.Absent,
            EmptyDocument = "NotificationConfiguration",
        },
        new(S3OperationKind.PutBucketLifecycle, "PUT", S3Level.Bucket, "lifecycle"),
        new(S3OperationKind.PutBucketNotification, "PUT", S3Level.Bucket, "notification"),
        new(
            S3OperationKind.UpdateBucketMetadataAnnotationTableConfiguration,
            "PUT",
            S3Level.Bucket,
            "metadataAnnotationTable"),
        // A form sent by a browser; not in the service model.
        new(S3OperationKind.PostObject, "POST", S3Level.Bucket, null),
    ];

    public static readonly S3Operation[] Object =
    [
        new(S3OperationKind.AbortMultipartUpload, "DELETE", S3Level.Object, "uploadId")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "AbortMultipartUploadTests",
        },
        new(S3OperationKind.CompleteMultipartUpload, "POST", S3Level.Object, "uploadId")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "CompleteMultipartUploadTests",
        },
        new(S3OperationKind.CopyObject, "PUT", S3Level.Object, null)
        {
            Header = "x-amz-copy-source",
            State = S3OperationState.Implemented,
            ProvenBy = "CopyObjectTests",
        },
        new(S3OperationKind.CreateMultipartUpload, "POST", S3Level.Object, "uploads")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "CreateMultipartUploadTests",
        },
        new(S3OperationKind.DeleteObject, "DELETE", S3Level.Object, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "DeleteObjectTests",
        },
        new(S3OperationKind.DeleteObjectTagging, "DELETE", S3Level.Object, "tagging"),
        new(S3OperationKind.GetObject, "GET", S3Level.Object, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "GetObjectTests",
        },
        new(S3OperationKind.GetObjectAcl, "GET", S3Level.Object, "acl"),
        new(S3OperationKind.GetObjectAttributes, "GET", S3Level.Object, "attributes"),
        new(S3OperationKind.GetObjectLegalHold, "GET", S3Level.Object, "legal-hold"),
        new(S3OperationKind.GetObjectRetention, "GET", S3Level.Object, "retention"),
        new(S3OperationKind.GetObjectTagging, "GET", S3Level.Object, "tagging"),
        new(S3OperationKind.GetObjectTorrent, "GET", S3Level.Object, "torrent"),
        new(S3OperationKind.HeadObject, "HEAD", S3Level.Object, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "HeadObjectTests",
        },
        new(S3OperationKind.ListParts, "GET", S3Level.Object, "uploadId")
        {
            State = S3OperationState.Implemented,
            ProvenBy = "ListPartsTests",
        },
        new(S3OperationKind.PutObject, "PUT", S3Level.Object, null)
        {
            State = S3OperationState.Implemented,
            ProvenBy = "PutObjectTests",
        },
        new(S3OperationKind.PutObjectAcl, "PUT", S3Level.Object, "acl"),
        new(S3OperationKind.PutObjectLegalHold, "PUT", S3Level.Object, "legal-hold"),
        new(S3OperationKind.PutObjectRetention, "PUT", S3Level.Object, "retention"),
        new(S3OperationKind.PutObjectTagging, "PUT", S3Level.Object, "tagging"),
        new(S3OperationKind.RenameObject, "PUT", S3Level.Object, "renameObject"),
        new(S3OperationKind.RestoreObject, "POST", S3Level.Object, "restore"),
        new(S3OperationKind.SelectObjectContent, "POST", S3Level.Object, "select") { Refinements = ["select-type=2"] },
        new(S3OperationKind.UpdateObjectEncryption, "PUT", S3Level.Object, "encryption"),
        new(S3OperationKind.UploadPart, "PUT", S3Level.Object, "uploadId")
        {
            Refinements = ["partNumber"],
            State = S3OperationState.Implemented,
            ProvenBy = "UploadPartTests",
        },
        new(S3OperationKind.UploadPartCopy, "PUT", S3Level.Object, "uploadId")
        {
            Refinements = ["partNumber"],
            Header = "x-amz-copy-source",
            State = S3OperationState.Implemented,
            ProvenBy = "UploadPartCopyTests",
        },
        new(S3OperationKind.DeleteObjectAnnotation, "DELETE", S3Level.Object, "annotation")
        {
            Refinements = ["annotationName"],
        },
        new(S3OperationKind.GetObjectAnnotation, "GET", S3Level.Object, "annotation")
        {
            Refinements = ["annotationName"],
        },
        new(S3OperationKind.ListObjectAnnotations, "GET", S3Level.Object, "annotation"),
        new(S3OperationKind.PutObjectAnnotation, "PUT", S3Level.Object, "annotation")
        {
            Refinements = ["annotationName"],
        },
    ];
}
