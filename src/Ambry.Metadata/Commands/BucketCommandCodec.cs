using System.Diagnostics;
using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Commands;

/// <summary>The bodies of the bucket commands.</summary>
internal static class BucketCommandCodec
{
    public static void Write(RecordWriter writer, Command command)
    {
        switch (command)
        {
            case CreateBucketCommand create:
                BucketCodec.WriteName(writer, create.Name);
                writer.Text(create.Owner);
                writer.Text(create.Region);
                ArgumentOutOfRangeException.ThrowIfZero(create.Width, nameof(command));
                writer.Count(create.Width, BucketCodec.MaxWidth);
                writer.Time(create.Now);
                break;
            case ChangeBucketCommand change:
                writer.Number((long)change.Bucket.Value);
                BucketCodec.WriteName(writer, change.Name);
                break;
            case CloseBucketCommand close:
                writer.Number((long)close.Bucket.Value);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public static Command Read(ref RecordReader reader, CommandKind kind) => kind switch
    {
        CommandKind.CreateBucket => new CreateBucketCommand(
            BucketCodec.ReadName(ref reader),
            reader.Text(),
            reader.Text(),
            BucketCodec.ReadWidth(ref reader),
            reader.Time()),
        CommandKind.CloseBucket or CommandKind.ReopenBucket =>
            new CloseBucketCommand(kind, BucketCodec.ReadId(ref reader)),
        _ => new ChangeBucketCommand(kind, BucketCodec.ReadId(ref reader), BucketCodec.ReadName(ref reader)),
    };
}
