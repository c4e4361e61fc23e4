using System.Diagnostics;
using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Commands;

/// <summary>The bodies of the object commands.</summary>
internal static class ObjectCommandCodec
{
    public static void Write(RecordWriter writer, Command command)
    {
        switch (command)
        {
            case CommitObjectCommand commit:
                WriteName(writer, commit.Bucket, commit.Key);
                FieldCodec.WriteCondition(writer, commit.Condition);
                EntryCodec.Write(writer, commit.Entry);
                break;
            case DeleteObjectCommand delete:
                WriteName(writer, delete.Bucket, delete.Key);
                FieldCodec.WriteCondition(writer, delete.Condition);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public static Command Read(ref RecordReader reader, CommandKind kind)
    {
        var bucket = BucketCodec.ReadId(ref reader);
        var key = reader.Key();
        var condition = FieldCodec.ReadCondition(ref reader);
        return kind == CommandKind.CommitObject
            ? new CommitObjectCommand(bucket, key, EntryCodec.Read(ref reader), condition)
            : new DeleteObjectCommand(bucket, key, condition);
    }

    public static void WriteName(RecordWriter writer, BucketId bucket, ObjectKey key)
    {
        writer.Number((long)bucket.Value);
        writer.Key(key);
    }
}
