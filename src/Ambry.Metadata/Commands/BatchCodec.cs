using Ambry.Log;
using Ambry.Metadata.Codec;

namespace Ambry.Metadata.Commands;

/// <summary>Many commands as one log entry; docs/formats.md, "Mapping: node log entry".</summary>
internal static class BatchCodec
{
    private const byte Version = 1;

    public static byte[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> commands)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        writer.Count(commands.Count, RecordLimits.BatchCommands);
        foreach (var command in commands)
        {
            writer.Bytes(command.Span, RecordLimits.CommandBytes);
        }

        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> source, out List<Command> commands)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        int count = reader.Count(RecordLimits.BatchCommands);
        commands = new List<Command>(Math.Min(count, 1024));
        while (commands.Count < count && !reader.Failed)
        {
            if (!CommandCodec.TryDecode(reader.Bytes(RecordLimits.CommandBytes), out var command))
            {
                return false;
            }

            commands.Add(command!);
        }

        return reader.AtEnd;
    }

    /// <exception cref="CorruptRecordException">The bytes are not a batch.</exception>
    public static List<Command> Decode(ReadOnlySpan<byte> source) =>
        TryDecode(source, out var commands)
            ? commands
            : throw new CorruptRecordException("A log entry of the mapping is not a batch of commands.");
}
