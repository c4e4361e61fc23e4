using System.Diagnostics;
using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Commands;

/// <summary>The bodies of the holder and reclaim commands.</summary>
internal static class HolderCommandCodec
{
    public static void Write(RecordWriter writer, Command command)
    {
        switch (command)
        {
            case AddHolderCommand add:
                writer.Blob(add.Blob);
                ObjectCommandCodec.WriteName(writer, add.HomeBucket, add.HomeKey);
                writer.Id(add.Source);
                writer.Id(add.NewHolder);
                break;
            case ReleaseHolderCommand release:
                writer.Blob(release.Blob);
                writer.Id(release.Holder);
                break;
            case AcknowledgeReclaimCommand acknowledge:
                writer.Count(acknowledge.Sequences.Count, RecordLimits.Sequences);
                foreach (ulong sequence in acknowledge.Sequences)
                {
                    writer.Number(sequence);
                }

                break;
            default:
                throw new UnreachableException();
        }
    }

    public static Command Read(ref RecordReader reader, CommandKind kind) => kind switch
    {
        CommandKind.AddHolder => new AddHolderCommand(
            reader.Blob(), BucketCodec.ReadId(ref reader), reader.Key(), reader.Id(), reader.Id()),
        CommandKind.ReleaseHolder => new ReleaseHolderCommand(reader.Blob(), reader.Id()),
        _ => new AcknowledgeReclaimCommand(ReadSequences(ref reader)),
    };

    private static List<ulong> ReadSequences(ref RecordReader reader)
    {
        int count = reader.Count(RecordLimits.Sequences);
        var sequences = new List<ulong>(Math.Min(count, 64));
        while (sequences.Count < count && !reader.Failed)
        {
            sequences.Add(reader.Number());
        }

        return sequences;
    }
}
