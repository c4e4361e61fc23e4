using Ambry.Protocol;

namespace Ambry.Metadata.Commands;

/// <summary>What a command does; the values are stored in log entries and never change.</summary>
internal enum CommandKind : byte
{
    CreateBucket = 1,
    MarkBucketDeleting = 2,
    UnmarkBucketDeleting = 3,
    RemoveBucket = 4,
    CloseBucket = 5,
    ReopenBucket = 6,
    CommitObject = 10,
    DeleteObject = 11,
    CreateUpload = 20,
    PutPart = 21,
    AbortUpload = 22,
    CompleteUpload = 23,
    AddHolder = 30,
    ReleaseHolder = 31,
    AcknowledgeReclaim = 40,
}

/// <summary>
/// One change of one shard, with all that is needed to decide it: applied to equal state, equal commands have equal
/// outcomes. Immutable.
/// </summary>
internal abstract record Command(CommandKind Kind);

internal sealed record CreateBucketCommand(string Name, string Owner, string Region, int Width, DateTimeOffset Now)
    : Command(CommandKind.CreateBucket);

/// <summary>Marks, unmarks or removes the record of a bucket in the system shard.</summary>
internal sealed record ChangeBucketCommand(CommandKind Kind, BucketId Bucket, string Name) : Command(Kind);

/// <summary>Closes a bucket in one shard if it is empty there, or opens it again.</summary>
internal sealed record CloseBucketCommand(CommandKind Kind, BucketId Bucket) : Command(Kind);

internal sealed record CommitObjectCommand(BucketId Bucket, ObjectKey Key, ObjectEntry Entry, WriteCondition Condition)
    : Command(CommandKind.CommitObject);

internal sealed record DeleteObjectCommand(BucketId Bucket, ObjectKey Key, WriteCondition Condition)
    : Command(CommandKind.DeleteObject);

internal sealed record CreateUploadCommand(BucketId Bucket, UploadRecord Upload) : Command(CommandKind.CreateUpload);

internal sealed record PutPartCommand(BucketId Bucket, ObjectKey Key, Guid Upload, PartRecord Part)
    : Command(CommandKind.PutPart);

internal sealed record AbortUploadCommand(BucketId Bucket, ObjectKey Key, Guid Upload)
    : Command(CommandKind.AbortUpload);

internal sealed record CompleteUploadCommand(
    BucketId Bucket,
    ObjectKey Key,
    Guid Upload,
    IReadOnlyList<UsedPart> UsedParts,
    ObjectEntry Entry,
    WriteCondition Condition) : Command(CommandKind.CompleteUpload);

/// <summary>A part a Complete was built from; its blob tells it from another upload of the same number.</summary>
internal readonly record struct UsedPart(int Number, BlobId Blob);

internal sealed record AddHolderCommand(
    BlobId Blob, BucketId HomeBucket, ObjectKey HomeKey, Guid Source, Guid NewHolder)
    : Command(CommandKind.AddHolder);

internal sealed record ReleaseHolderCommand(BlobId Blob, Guid Holder) : Command(CommandKind.ReleaseHolder);

internal sealed record AcknowledgeReclaimCommand(IReadOnlyList<ulong> Sequences)
    : Command(CommandKind.AcknowledgeReclaim);

/// <summary>What applying a command answers. Errors change nothing.</summary>
internal readonly record struct CommandOutcome(
    MetadataError Error, ObjectEntry? Entry = null, BucketRecord? Bucket = null)
{
    public static CommandOutcome Done => default;
}
