using System.Text;

namespace Ambry.Metadata.Codec;

/// <summary>A bucket as the system shard keeps it.</summary>
/// <param name="IsDeleting">A deletion is under way: nobody new finds the bucket, its name is not free yet.</param>
internal sealed record StoredBucket(BucketRecord Record, bool IsDeleting);

/// <summary>Bucket records; docs/formats.md, "Mapping: keys and values of a shard".</summary>
internal static class BucketCodec
{
    public const int MaxWidth = 1024;

    /// <summary>Names are keys of the state too; S3 allows 63 bytes, once 255.</summary>
    public const int MaxNameBytes = 255;

    private const byte Version = 1;

    public static void Write(RecordWriter writer, BucketRecord bucket)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bucket.Width, nameof(bucket));
        writer.Number((long)bucket.Id.Value);
        WriteName(writer, bucket.Name);
        writer.Time(bucket.CreatedAt);
        writer.Text(bucket.Owner);
        writer.Text(bucket.Region);
        writer.Count(bucket.Width, MaxWidth);
    }

    public static BucketRecord Read(ref RecordReader reader)
    {
        var id = ReadId(ref reader);
        string name = ReadName(ref reader);
        var created = reader.Time();
        string owner = reader.Text();
        string region = reader.Text();
        return new BucketRecord(id, name, created, owner, region, ReadWidth(ref reader));
    }

    public static BucketId ReadId(ref RecordReader reader) => new((uint)reader.NumberUpTo(uint.MaxValue));

    public static void WriteName(RecordWriter writer, string name)
    {
        int bytes = Encoding.UTF8.GetByteCount(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, MaxNameBytes, nameof(name));
        writer.Text(name);
    }

    public static string ReadName(ref RecordReader reader)
    {
        string name = reader.Text();
        if (Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
        {
            reader.Fail();
        }

        return name;
    }

    public static int ReadWidth(ref RecordReader reader)
    {
        int width = reader.Count(MaxWidth);
        if (width == 0)
        {
            reader.Fail();
        }

        return width;
    }

    public static byte[] Encode(StoredBucket bucket)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        Write(writer, bucket.Record);
        writer.Bool(bucket.IsDeleting);
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> source, out StoredBucket bucket)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        var record = Read(ref reader);
        bucket = new StoredBucket(record, reader.Bool());
        return reader.AtEnd;
    }
}
