using Ambry.Protocol;

namespace Ambry.Metadata.Codec;

/// <summary>Entries of the reclaim queue; docs/formats.md, "Mapping: keys and values of a shard".</summary>
internal static class ReclaimCodec
{
    private const byte Version = 1;
    private const byte DeleteBlob = 1;
    private const byte ReleaseHolder = 2;

    public static byte[] Encode(BlobId deleteBlob)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        writer.Byte(DeleteBlob);
        writer.Blob(deleteBlob);
        return writer.ToArray();
    }

    public static byte[] Encode(HolderRelease release)
    {
        var writer = new RecordWriter();
        writer.Byte(Version);
        writer.Byte(ReleaseHolder);
        writer.Blob(release.Blob);
        FieldCodec.WriteHome(writer, release.Home);
        writer.Id(release.Holder);
        return writer.ToArray();
    }

    public static bool TryDecode(ReadOnlySpan<byte> source, int shard, ulong sequence, out ReclaimItem item)
    {
        var reader = new RecordReader(source);
        reader.Version(Version);
        switch (reader.Byte())
        {
            case DeleteBlob:
                item = new ReclaimItem(shard, sequence, reader.Blob(), null);
                break;
            case ReleaseHolder:
                var blob = reader.Blob();
                var home = FieldCodec.ReadHome(ref reader);
                item = new ReclaimItem(shard, sequence, null, new HolderRelease(blob, home, reader.Id()));
                break;
            default:
                reader.Fail();
                item = new ReclaimItem(shard, sequence, null, null);
                break;
        }

        return reader.AtEnd;
    }
}
