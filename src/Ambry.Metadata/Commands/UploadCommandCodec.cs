using System.Diagnostics;
using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Commands;

/// <summary>The bodies of the upload commands.</summary>
internal static class UploadCommandCodec
{
    public static void Write(RecordWriter writer, Command command)
    {
        switch (command)
        {
            case CreateUploadCommand create:
                writer.Number((long)create.Bucket.Value);
                UploadCodec.Write(writer, create.Upload);
                break;
            case PutPartCommand put:
                ObjectCommandCodec.WriteName(writer, put.Bucket, put.Key);
                writer.Id(put.Upload);
                UploadCodec.WritePart(writer, put.Part);
                break;
            case AbortUploadCommand abort:
                ObjectCommandCodec.WriteName(writer, abort.Bucket, abort.Key);
                writer.Id(abort.Upload);
                break;
            case CompleteUploadCommand complete:
                WriteComplete(writer, complete);
                break;
            default:
                throw new UnreachableException();
        }
    }

    public static Command Read(ref RecordReader reader, CommandKind kind)
    {
        var bucket = BucketCodec.ReadId(ref reader);
        if (kind == CommandKind.CreateUpload)
        {
            return new CreateUploadCommand(bucket, UploadCodec.Read(ref reader));
        }

        var key = reader.Key();
        var upload = reader.Id();
        return kind switch
        {
            CommandKind.PutPart => new PutPartCommand(bucket, key, upload, UploadCodec.ReadPart(ref reader)),
            CommandKind.AbortUpload => new AbortUploadCommand(bucket, key, upload),
            _ => new CompleteUploadCommand(
                bucket,
                key,
                upload,
                ReadUsedParts(ref reader),
                EntryCodec.Read(ref reader),
                FieldCodec.ReadCondition(ref reader)),
        };
    }

    private static void WriteComplete(RecordWriter writer, CompleteUploadCommand complete)
    {
        ObjectCommandCodec.WriteName(writer, complete.Bucket, complete.Key);
        writer.Id(complete.Upload);
        writer.Count(complete.UsedParts.Count, RecordLimits.Parts);
        foreach (var part in complete.UsedParts)
        {
            UploadCodec.WriteNumber(writer, part.Number);
            writer.Blob(part.Blob);
        }

        EntryCodec.Write(writer, complete.Entry);
        FieldCodec.WriteCondition(writer, complete.Condition);
    }

    private static List<UsedPart> ReadUsedParts(ref RecordReader reader)
    {
        int count = reader.Count(RecordLimits.Parts);
        var parts = new List<UsedPart>(Math.Min(count, 64));
        while (parts.Count < count && !reader.Failed)
        {
            parts.Add(new UsedPart(UploadCodec.ReadNumber(ref reader), reader.Blob()));
        }

        return parts;
    }
}
