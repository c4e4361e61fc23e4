using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Commands;

/// <summary>Commands as bytes; docs/formats.md, "Mapping: node log entry".</summary>
internal static class CommandCodec
{
    private const byte Version = 1;

    /// <exception cref="ArgumentException">A field is out of its bounds.</exception>
    public static byte[] Encode(Command command)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        writer.Byte((byte)command.Kind);
        switch (command)
        {
            case CreateBucketCommand or ChangeBucketCommand or CloseBucketCommand:
                BucketCommandCodec.Write(writer, command);
                break;
            case CommitObjectCommand or DeleteObjectCommand:
                ObjectCommandCodec.Write(writer, command);
                break;
            case CreateUploadCommand or PutPartCommand or AbortUploadCommand or CompleteUploadCommand:
                UploadCommandCodec.Write(writer, command);
                break;
            default:
                HolderCommandCodec.Write(writer, command);
                break;
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(writer.Length, RecordLimits.CommandBytes, nameof(command));
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> source, out Command? command)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        var kind = (CommandKind)reader.Byte();
        command = kind switch
        {
            >= CommandKind.CreateBucket and <= CommandKind.ReopenBucket => BucketCommandCodec.Read(ref reader, kind),
            CommandKind.CommitObject or CommandKind.DeleteObject => ObjectCommandCodec.Read(ref reader, kind),
            >= CommandKind.CreateUpload and <= CommandKind.CompleteUpload => UploadCommandCodec.Read(ref reader, kind),
            CommandKind.AddHolder or CommandKind.ReleaseHolder or CommandKind.AcknowledgeReclaim =>
                HolderCommandCodec.Read(ref reader, kind),
            _ => null,
        };
        return command is not null && reader.AtEnd;
    }
}
