using Ambry.Metadata;
using Ambry.Metadata.Codec;
using Ambry.Metadata.Commands;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

public sealed class CommandCodecTests
{
    private static readonly BucketRecord Home =
        new(new BucketId(7), "home", MetadataSamples.Time, "owner", "eu-1", 4);

    public static TheoryData<string> Names => [.. Samples().Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_record_reads_back_as_the_same_bytes(string name)
    {
        var sample = Sample(name);
        Reencode(sample, sample.Bytes).ShouldBe(sample.Bytes);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_prefix_and_no_extension_of_a_record_is_a_record(string name)
    {
        var sample = Sample(name);
        for (int length = 0; length < sample.Bytes.Length; length++)
        {
            Reencode(sample, sample.Bytes[..length]).ShouldBeNull($"{length} bytes");
        }

        Reencode(sample, [.. sample.Bytes, 0]).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_changed_byte_is_refused_or_is_another_record(string name)
    {
        var sample = Sample(name);
        for (int at = 0; at < sample.Bytes.Length; at++)
        {
            foreach (byte flip in new byte[] { 0x01, 0x02, 0x40, 0x80, 0xFF })
            {
                byte[] changed = [.. sample.Bytes];
                changed[at] ^= flip;
                // There is one encoding only: what is accepted encodes to the changed bytes, so no field was misread.
                (Reencode(sample, changed) ?? changed).ShouldBe(changed, $"byte {at} xor {flip}");
            }
        }
    }

    [Fact]
    public void Commands_keep_every_field()
    {
        var samples = new MetadataSamples(3);
        var entry = samples.FullEntry(Home);
        var command = new CommitObjectCommand(
            new BucketId(9), MetadataSamples.Key("k"), entry, new WriteCondition("m", "*"));

        CommandCodec.TryDecode(CommandCodec.Encode(command), out var decoded).ShouldBeTrue();

        var read = decoded.ShouldBeOfType<CommitObjectCommand>();
        read.Condition.ShouldBe(command.Condition);
        read.Key.ShouldBe(command.Key);
        read.Entry.Handle.ShouldBe(entry.Handle);
        read.Entry.Headers.ShouldBe(entry.Headers);
        read.Entry.UserMetadata.ShouldBe(entry.UserMetadata);
        read.Entry.Parts.ShouldBe(entry.Parts);
        read.Entry.Checksum.ShouldBe(entry.Checksum);
        (read.Entry.Version, read.Entry.HolderId, read.Entry.SizeBytes, read.Entry.ETag, read.Entry.UploadId)
            .ShouldBe((entry.Version, entry.HolderId, entry.SizeBytes, entry.ETag, entry.UploadId));
        (read.Entry.LastModified, read.Entry.Owner, read.Entry.Kind)
            .ShouldBe((entry.LastModified, entry.Owner, entry.Kind));
    }

    [Fact]
    public void Fields_out_of_bounds_are_refused_when_written()
    {
        var samples = new MetadataSamples(4);
        var tooLong = new ObjectKey(new byte[ObjectKey.MaxBytes + 1]);
        var tooMany = samples.Entry() with { Headers = new NameValue[RecordLimits.Pairs + 1] };

        Should.Throw<ArgumentException>(() => Encode(tooLong, samples.Entry()));
        Should.Throw<ArgumentException>(() => Encode(default, samples.Entry()));
        Should.Throw<ArgumentException>(() => Encode(MetadataSamples.Key("k"), tooMany));
        Should.Throw<ArgumentException>(
            () => Encode(MetadataSamples.Key("k"), samples.Entry() with { SizeBytes = -1 }));
        Should.Throw<ArgumentException>(
            () => Encode(MetadataSamples.Key("k"), samples.Entry(new string('x', RecordLimits.TextBytes + 1))));

        static byte[] Encode(ObjectKey key, ObjectEntry entry) =>
            CommandCodec.Encode(new CommitObjectCommand(new BucketId(1), key, entry, default));
    }

    [Fact]
    public void Batches_hold_commands_in_order()
    {
        var samples = new MetadataSamples(5);
        var commands = Enumerable.Range(0, 5)
            .Select(i => new ReleaseHolderCommand(samples.Blob(), samples.Id()))
            .ToList();

        byte[] batch = BatchCodec.Encode([.. commands.Select(c => (ReadOnlyMemory<byte>)CommandCodec.Encode(c))]);

        BatchCodec.TryDecode(batch, out var decoded).ShouldBeTrue();
        decoded.ShouldBe(commands);
        for (int length = 0; length < batch.Length; length++)
        {
            BatchCodec.TryDecode(batch.AsSpan(0, length), out _).ShouldBeFalse();
        }
    }

    private static CodecSample Sample(string name) => Samples().Single(sample => sample.Name == name);

    private static byte[]? Reencode(CodecSample sample, byte[] bytes) => sample.Reencode(bytes);

    private static IEnumerable<CodecSample> Samples()
    {
        var samples = new MetadataSamples(1);
        var bucket = new BucketId(300);
        var key = MetadataSamples.Key("ключ/\u0001");
        Command[] commands =
        [
            new CreateBucketCommand("bucket", "owner", "region", 3, MetadataSamples.Time),
            new ChangeBucketCommand(CommandKind.MarkBucketDeleting, bucket, "bucket"),
            new ChangeBucketCommand(CommandKind.UnmarkBucketDeleting, bucket, "bucket"),
            new ChangeBucketCommand(CommandKind.RemoveBucket, bucket, "bucket"),
            new CloseBucketCommand(CommandKind.CloseBucket, bucket),
            new CloseBucketCommand(CommandKind.ReopenBucket, bucket),
            new CommitObjectCommand(bucket, key, samples.FullEntry(Home), new WriteCondition("a", "*")),
            new DeleteObjectCommand(bucket, key, new WriteCondition("a")),
            new CreateUploadCommand(bucket, samples.Upload("k")),
            new PutPartCommand(bucket, key, samples.Id(), samples.Part(10_000)),
            new AbortUploadCommand(bucket, key, samples.Id()),
            new CompleteUploadCommand(
                bucket,
                key,
                samples.Id(),
                [new UsedPart(1, samples.Blob()), new UsedPart(9, samples.Blob())],
                samples.Entry(),
                new WriteCondition(null, "*")),
            new AddHolderCommand(samples.Blob(), bucket, key, samples.Id(), samples.Id()),
            new ReleaseHolderCommand(samples.Blob(), samples.Id()),
            new AcknowledgeReclaimCommand([1, 128, ulong.MaxValue]),
        ];
        foreach (var command in commands)
        {
            yield return new CodecSample(
                command.Kind.ToString(),
                CommandCodec.Encode(command),
                b => CommandCodec.TryDecode(b, out var read) ? CommandCodec.Encode(read!) : null);
        }

        yield return new CodecSample(
            "entry",
            EntryCodec.Encode(samples.FullEntry(Home)),
            b => EntryCodec.TryDecode(b, out var r) ? EntryCodec.Encode(r) : null);
        yield return new CodecSample(
            "upload",
            UploadCodec.Encode(samples.Upload("k")),
            b => UploadCodec.TryDecode(b, out var r) ? UploadCodec.Encode(r) : null);
        yield return new CodecSample(
            "part",
            UploadCodec.EncodePart(samples.Part(3)),
            b => UploadCodec.TryDecodePart(b, out var r) ? UploadCodec.EncodePart(r) : null);
        yield return new CodecSample(
            "bucket",
            BucketCodec.Encode(new StoredBucket(Home, IsDeleting: true)),
            b => BucketCodec.TryDecode(b, out var r) ? BucketCodec.Encode(r) : null);
        var home = new HandleHome(Home, MetadataSamples.Key("first"), samples.Id());
        yield return new CodecSample(
            "release", ReclaimCodec.Encode(new HolderRelease(samples.Blob(), home, samples.Id())), Reclaim);
        yield return new CodecSample("deletion", ReclaimCodec.Encode(samples.Blob()), Reclaim);
    }

    private static byte[]? Reclaim(byte[] bytes)
    {
        if (!ReclaimCodec.TryDecode(bytes, 0, 1, out var item))
        {
            return null;
        }

        return item.DeleteBlob is { } blob ? ReclaimCodec.Encode(blob) : ReclaimCodec.Encode(item.ReleaseHolder!);
    }

    private sealed record CodecSample(string Name, byte[] Bytes, Func<byte[], byte[]?> Reencode);
}
