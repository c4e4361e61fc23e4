using Ambry.Log;
using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Index;
using Ambry.Store.Records;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Store;

public class RecordCodecTests
{
    private delegate bool Recode(ReadOnlySpan<byte> source, Span<byte> destination);

    private static readonly Gen<int> Sizes = Gen.Int[0, BlobLimits.MaxContentBytes];
    private static readonly Gen<long> Millis = Gen.Long[-1_000_000_000_000, 4_000_000_000_000];

    [Fact]
    public void Put_head_reads_what_it_wrote() =>
        Gen.Select(Gen.Int, Gen.UShort, Gen.Int[0, BlobLimits.MaxContentBytes], Millis, Gen.Bool).Sample(
            (number, life, size, millis, expires) =>
            {
                var head =
                    new PutHead(StoreKit.Id(number), life, size, millis, expires ? millis + 1 : UnixMillis.Never);
                byte[] bytes = new byte[PutHead.EncodedLength];
                head.Write(bytes);
                PutHead.TryRead(bytes, out PutHead read).ShouldBeTrue();
                read.ShouldBe(head);
            });

    [Fact]
    public void Delete_head_reads_what_it_wrote() =>
        Gen.Select(Gen.Int, Gen.UShort, Millis).Sample((number, life, millis) =>
        {
            var head = new DeleteHead(StoreKit.Id(number), life, millis);
            byte[] bytes = new byte[DeleteHead.EncodedLength];
            head.Write(bytes);
            DeleteHead.TryRead(bytes, out DeleteHead read).ShouldBeTrue();
            read.ShouldBe(head);
        });

    [Fact]
    public void Update_head_reads_what_it_wrote() =>
        Gen.Select(Gen.Int, Gen.UShort, Millis, Gen.Bool).Sample((number, life, millis, expires) =>
        {
            var head = new UpdateHead(StoreKit.Id(number), life, millis, expires ? millis + 1 : UnixMillis.Never);
            byte[] bytes = new byte[UpdateHead.EncodedLength];
            head.Write(bytes);
            UpdateHead.TryRead(bytes, out UpdateHead read).ShouldBeTrue();
            read.ShouldBe(head);
        });

    [Fact]
    public void Update_head_refuses_prefixes_and_never_reads_other_bytes_as_the_same_head()
    {
        byte[] bytes = new byte[UpdateHead.EncodedLength];
        new UpdateHead(StoreKit.Id(5), 3, 1_700_000_000_000, 1_800_000_000_000).Write(bytes);
        CheckCodec(bytes, (source, target) =>
        {
            bool read = UpdateHead.TryRead(source, out UpdateHead head);
            head.Write(target);
            return read;
        });
    }

    [Theory]
    [InlineData((byte)StoreRecordKind.Put, PutHead.EncodedLength)]
    [InlineData(RecordKinds.ErasedPut, PutHead.EncodedLength)]
    [InlineData((byte)StoreRecordKind.Delete, DeleteHead.EncodedLength)]
    [InlineData((byte)StoreRecordKind.TtlUpdate, UpdateHead.EncodedLength)]
    [InlineData((byte)StoreRecordKind.Undelete, UpdateHead.EncodedLength)]
    public void A_record_of_each_kind_decodes_only_with_its_own_head(byte kind, int length)
    {
        byte[][] heads =
        [
            new byte[PutHead.EncodedLength], new byte[DeleteHead.EncodedLength], new byte[UpdateHead.EncodedLength], [],
        ];
        new PutHead(StoreKit.Id(5), 3, 0, 1_700_000_000_000, UnixMillis.Never).Write(heads[0]);
        new DeleteHead(StoreKit.Id(5), 3, 1_700_000_000_000).Write(heads[1]);
        new UpdateHead(StoreKit.Id(5), 3, 1_700_000_000_000, UnixMillis.Never).Write(heads[2]);
        foreach (byte[] head in heads)
        {
            var header = new LogRecordHeader(kind, 7, new LogPartLengths(head.Length, 0, 0, 0), default);
            var record = new LogRecord(header, new LogPosition(1, 64), head, default, default, default);
            if (head.Length != length)
            {
                Should.Throw<CorruptRecordException>(() => RecordDecoder.ToEntry(record));
                continue;
            }

            IndexEntry entry = RecordDecoder.ToEntry(record);
            entry.Kind.ShouldBe(kind == RecordKinds.ErasedPut ? StoreRecordKind.Put : (StoreRecordKind)kind);
            (entry.Id, entry.LifeVersion, entry.Lsn).ShouldBe((StoreKit.Id(5), (ushort)3, 7));
        }
    }

    [Fact]
    public void A_record_of_an_unknown_kind_is_damage()
    {
        var header = new LogRecordHeader(6, 7, default, default);
        var record = new LogRecord(header, new LogPosition(1, 64), default, default, default, default);
        Should.Throw<CorruptRecordException>(() => RecordDecoder.ToEntry(record));
    }

    [Fact]
    public void Index_entry_reads_what_it_wrote() =>
        Gen.Select(Gen.Int, Gen.UShort, Gen.UInt, Gen.Long[1, long.MaxValue], Millis, Sizes).Sample(
            (number, life, place, lsn, millis, size) =>
            {
                var entry = new IndexEntry(
                    StoreKit.Id(number),
                    StoreRecordKind.Put,
                    life,
                    new LogPosition(place, ~place),
                    lsn,
                    millis,
                    UnixMillis.Never,
                    size,
                    place);
                byte[] bytes = new byte[IndexEntry.EncodedLength];
                entry.Write(bytes);
                IndexEntry.TryRead(bytes, out IndexEntry read).ShouldBeTrue();
                read.ShouldBe(entry);
            });

    [Fact]
    public void Put_head_refuses_prefixes_and_never_reads_other_bytes_as_the_same_head()
    {
        byte[] bytes = new byte[PutHead.EncodedLength];
        new PutHead(StoreKit.Id(5), 3, 12_345, 1_700_000_000_000, UnixMillis.Never).Write(bytes);
        CheckCodec(bytes, (source, target) =>
        {
            bool read = PutHead.TryRead(source, out PutHead head);
            head.Write(target);
            return read;
        });
    }

    [Fact]
    public void Delete_head_refuses_prefixes_and_never_reads_other_bytes_as_the_same_head()
    {
        byte[] bytes = new byte[DeleteHead.EncodedLength];
        new DeleteHead(StoreKit.Id(5), 3, 1_700_000_000_000).Write(bytes);
        CheckCodec(bytes, (source, target) =>
        {
            bool read = DeleteHead.TryRead(source, out DeleteHead head);
            head.Write(target);
            return read;
        });
    }

    [Fact]
    public void Index_entry_refuses_prefixes_and_never_reads_other_bytes_as_the_same_entry()
    {
        byte[] bytes = new byte[IndexEntry.EncodedLength];
        var position = new LogPosition(4, 4096);
        var entry = new IndexEntry(
            StoreKit.Id(5), StoreRecordKind.Delete, 3, position, 77, 1_700_000_000_000, UnixMillis.Never, 9, 8);
        entry.Write(bytes);
        CheckCodec(bytes, (source, target) =>
        {
            bool read = IndexEntry.TryRead(source, out IndexEntry again);
            again.Write(target);
            return read;
        });
    }

    [Fact]
    public void Descriptor_refuses_every_prefix_and_every_changed_byte()
    {
        byte[] bytes = new byte[StoreDescriptor.EncodedLength];
        var descriptor =
            new StoreDescriptor(StoreKit.Partition, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), 1_700_000_000_000);
        descriptor.Write(bytes);
        StoreDescriptor.TryRead(bytes, out StoreDescriptor read).ShouldBeTrue();
        read.ShouldBe(descriptor);
        RefusesAllChanges(bytes, source => StoreDescriptor.TryRead(source, out _));
    }

    [Fact]
    public void Index_header_refuses_every_prefix_and_every_changed_byte()
    {
        byte[] bytes = new byte[IndexPage.Bytes];
        var header = new IndexFileHeader(
            new IndexRange(21, 40, 1),
            10,
            new IndexCounts(5, 3, 1, 1),
            new LogRecoveryHint(33, new LogPosition(1, 64)));
        header.Write(bytes);
        IndexFileHeader.TryRead(bytes, out IndexFileHeader read).ShouldBeTrue();
        read.ShouldBe(header);
        RefusesAllChanges(bytes, source => IndexFileHeader.TryRead(source, out _));
    }

    private static void CheckCodec(byte[] valid, Recode recode)
    {
        byte[] again = new byte[valid.Length];
        recode(valid, again).ShouldBeTrue();
        again.ShouldBe(valid);
        for (int length = 0; length < valid.Length; length++)
        {
            recode(valid.AsSpan(0, length), again).ShouldBeFalse($"a prefix of {length} bytes");
        }

        for (int at = 0; at < valid.Length; at++)
        {
            for (int change = 1; change < 256; change++)
            {
                byte[] changed = [.. valid];
                changed[at] ^= (byte)change;
                if (recode(changed, again))
                {
                    again.ShouldBe(changed, $"byte {at} changed by {change}");
                }
            }
        }
    }

    private static void RefusesAllChanges(byte[] valid, Func<byte[], bool> tryRead)
    {
        for (int length = 0; length < valid.Length; length++)
        {
            tryRead(valid[..length]).ShouldBeFalse($"a prefix of {length} bytes");
        }

        for (int at = 0; at < valid.Length; at++)
        {
            byte[] changed = [.. valid];
            changed[at] ^= (byte)(1 << (at % 8));
            tryRead(changed).ShouldBeFalse($"byte {at}");
        }
    }
}
