namespace Ambry.Metadata.Codec;

/// <summary>Uploads and their parts; docs/formats.md, "Mapping: keys and values of a shard".</summary>
internal static class UploadCodec
{
    private const byte Version = 1;

    public static byte[] Encode(UploadRecord upload)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        Write(writer, upload);
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> source, out UploadRecord upload)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        upload = Read(ref reader);
        return reader.AtEnd;
    }

    public static byte[] EncodePart(PartRecord part)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        WritePart(writer, part);
        return writer.ToArray();
    }

    public static bool TryDecodePart(ReadOnlySpan<byte> source, out PartRecord part)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        part = ReadPart(ref reader);
        return reader.AtEnd;
    }

    public static void Write(RecordWriter writer, UploadRecord upload)
    {
        writer.Id(upload.Id);
        writer.Key(upload.Key);
        writer.Time(upload.InitiatedAt);
        writer.Text(upload.Owner);
        FieldCodec.WritePairs(writer, upload.Headers);
        FieldCodec.WritePairs(writer, upload.UserMetadata);
        writer.OptionalText(upload.ChecksumAlgorithm);
        writer.Bool(upload.ChecksumIsComposite);
    }

    public static UploadRecord Read(ref RecordReader reader) => new()
    {
        Id = reader.Id(),
        Key = reader.Key(),
        InitiatedAt = reader.Time(),
        Owner = reader.Text(),
        Headers = FieldCodec.ReadPairs(ref reader),
        UserMetadata = FieldCodec.ReadPairs(ref reader),
        ChecksumAlgorithm = reader.OptionalText(),
        ChecksumIsComposite = reader.Bool(),
    };

    public static void WritePart(RecordWriter writer, PartRecord part)
    {
        WriteNumber(writer, part.Number);
        writer.Blob(part.Blob);
        writer.Number(part.SizeBytes);
        writer.Text(part.ETag);
        writer.Time(part.LastModified);
        writer.Count(part.Checksums.Count, RecordLimits.Checksums);
        foreach (var checksum in part.Checksums)
        {
            FieldCodec.WriteChecksum(writer, checksum);
        }
    }

    public static PartRecord ReadPart(ref RecordReader reader)
    {
        int number = ReadNumber(ref reader);
        var blob = reader.Blob();
        long size = reader.NumberUpTo(long.MaxValue);
        string etag = reader.Text();
        var modified = reader.Time();
        var checksums = new ObjectChecksum[reader.Count(RecordLimits.Checksums)];
        for (int i = 0; i < checksums.Length; i++)
        {
            checksums[i] = FieldCodec.ReadChecksum(ref reader);
        }

        return new PartRecord(number, blob, size, etag, modified, checksums);
    }

    /// <summary>Part numbers go from 1 to 10,000.</summary>
    public static void WriteNumber(RecordWriter writer, int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(number);
        writer.Count(number, RecordLimits.Parts);
    }

    public static int ReadNumber(ref RecordReader reader)
    {
        int number = reader.Count(RecordLimits.Parts);
        if (number == 0)
        {
            reader.Fail();
        }

        return number;
    }
}
