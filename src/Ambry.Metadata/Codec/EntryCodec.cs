namespace Ambry.Metadata.Codec;

/// <summary>Versions of names; docs/formats.md, "Mapping: keys and values of a shard".</summary>
internal static class EntryCodec
{
    private const byte Version = 1;

    public static byte[] Encode(ObjectEntry entry)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        Write(writer, entry);
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> source, out ObjectEntry entry)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        entry = Read(ref reader);
        return reader.AtEnd;
    }

    public static void Write(RecordWriter writer, ObjectEntry entry)
    {
        writer.Byte((byte)entry.Kind);
        writer.Number(entry.Version);
        writer.Id(entry.HolderId);
        FieldCodec.WriteHandle(writer, entry.Handle);
        writer.Number(entry.SizeBytes);
        writer.Text(entry.ETag);
        writer.Time(entry.LastModified);
        writer.Text(entry.Owner);
        FieldCodec.WritePairs(writer, entry.Headers);
        FieldCodec.WritePairs(writer, entry.UserMetadata);
        writer.Bool(entry.Checksum is not null);
        if (entry.Checksum is not null)
        {
            FieldCodec.WriteChecksum(writer, entry.Checksum);
        }

        WriteParts(writer, entry.Parts);
        writer.OptionalId(entry.UploadId);
    }

    public static ObjectEntry Read(ref RecordReader reader) => new()
    {
        Kind = ReadKind(ref reader),
        Version = reader.Number(),
        HolderId = reader.Id(),
        Handle = FieldCodec.ReadHandle(ref reader),
        SizeBytes = reader.NumberUpTo(long.MaxValue),
        ETag = reader.Text(),
        LastModified = reader.Time(),
        Owner = reader.Text(),
        Headers = FieldCodec.ReadPairs(ref reader),
        UserMetadata = FieldCodec.ReadPairs(ref reader),
        Checksum = reader.Bool() ? FieldCodec.ReadChecksum(ref reader) : null,
        Parts = ReadParts(ref reader),
        UploadId = reader.OptionalId(),
    };

    private static EntryKind ReadKind(ref RecordReader reader)
    {
        byte kind = reader.Byte();
        if (kind is not ((byte)EntryKind.Object or (byte)EntryKind.DeleteMarker))
        {
            reader.Fail();
        }

        return (EntryKind)kind;
    }

    private static void WriteParts(RecordWriter writer, IReadOnlyList<PartSummary> parts)
    {
        writer.Count(parts.Count, RecordLimits.Parts);
        foreach (var part in parts)
        {
            writer.Count(part.Number, RecordLimits.Parts);
            writer.Number(part.SizeBytes);
            writer.OptionalText(part.Checksum);
        }
    }

    private static IReadOnlyList<PartSummary> ReadParts(ref RecordReader reader)
    {
        int count = reader.Count(RecordLimits.Parts);
        if (count == 0)
        {
            return [];
        }

        var parts = new List<PartSummary>(Math.Min(count, 64));
        while (parts.Count < count && !reader.Failed)
        {
            parts.Add(new PartSummary(
                reader.Count(RecordLimits.Parts), reader.NumberUpTo(long.MaxValue), reader.OptionalText()));
        }

        return parts;
    }
}
