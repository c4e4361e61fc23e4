namespace Ambry.Metadata.Codec;

/// <summary>Fields that several records share: pairs, checksums, handles, conditions.</summary>
internal static class FieldCodec
{
    public static void WritePairs(RecordWriter writer, IReadOnlyList<NameValue> pairs)
    {
        writer.Count(pairs.Count, RecordLimits.Pairs);
        foreach (var pair in pairs)
        {
            writer.Text(pair.Name);
            writer.Text(pair.Value);
        }
    }

    public static IReadOnlyList<NameValue> ReadPairs(ref RecordReader reader)
    {
        int count = reader.Count(RecordLimits.Pairs);
        if (count == 0)
        {
            return [];
        }

        var pairs = new List<NameValue>(Math.Min(count, 16));
        while (pairs.Count < count && !reader.Failed)
        {
            pairs.Add(new NameValue(reader.Text(), reader.Text()));
        }

        return pairs;
    }

    public static void WriteChecksum(RecordWriter writer, ObjectChecksum checksum)
    {
        writer.Text(checksum.Algorithm);
        writer.Text(checksum.Value);
        writer.Bool(checksum.IsComposite);
    }

    public static ObjectChecksum ReadChecksum(ref RecordReader reader) =>
        new(reader.Text(), reader.Text(), reader.Bool());

    public static void WriteHandle(RecordWriter writer, BlobHandle handle)
    {
        writer.Blob(handle.Id);
        writer.Bool(handle.Home is not null);
        if (handle.Home is not null)
        {
            WriteHome(writer, handle.Home);
        }
    }

    public static BlobHandle ReadHandle(ref RecordReader reader)
    {
        var id = reader.Blob();
        return new BlobHandle(id, reader.Bool() ? ReadHome(ref reader) : null);
    }

    public static void WriteHome(RecordWriter writer, HandleHome home)
    {
        BucketCodec.Write(writer, home.Bucket);
        writer.Key(home.Key);
        writer.Id(home.FirstHolder);
    }

    public static HandleHome ReadHome(ref RecordReader reader) =>
        new(BucketCodec.Read(ref reader), reader.Key(), reader.Id());

    public static void WriteCondition(RecordWriter writer, WriteCondition condition)
    {
        writer.OptionalText(condition.IfMatch);
        writer.OptionalText(condition.IfNoneMatch);
    }

    public static WriteCondition ReadCondition(ref RecordReader reader) =>
        new(reader.OptionalText(), reader.OptionalText());
}
