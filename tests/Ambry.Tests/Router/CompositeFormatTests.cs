using Ambry.Protocol;
using Ambry.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class CompositeFormatTests
{
    private static readonly BlobPart[] Parts =
    [
        new(Id(BlobKind.Chunk, 1), BlobLimits.MaxContentBytes),
        new(Id(BlobKind.Simple, 2), 0),
        new(Id(BlobKind.Composite, 3), 5L << 30),
    ];

    [Fact]
    public void A_list_reads_back()
    {
        byte[] bytes = Encode(Parts);

        CompositeFormat.TryRead(bytes, allowComposites: true, out BlobPart[] read).ShouldBeTrue();
        read.ShouldBe(Parts);
        CompositeFormat.TryReadHeader(bytes, out long total, out int count).ShouldBeTrue();
        total.ShouldBe(Parts.Sum(p => p.SizeBytes));
        count.ShouldBe(3);
    }

    [Fact]
    public void The_bytes_never_change()
    {
        byte[] bytes = Encode([new BlobPart(Id(BlobKind.Chunk, 0x0A), 0x1234)]);

        Convert.ToHexString(bytes).ShouldBe(
            "4142434D" + "01000000" + "3412000000000000" + "01000000" + "00000000"
            + "3412000000000000" + "01020900" + "0700" + "0800" + "0B000000" + "0000000A000000000000000000000000");
    }

    [Fact]
    public void A_list_inside_a_list_holds_no_lists()
    {
        CompositeFormat.TryRead(Encode(Parts), allowComposites: false, out _).ShouldBeFalse();
        CompositeFormat.TryRead(Encode(Parts[..2]), allowComposites: false, out _).ShouldBeTrue();
    }

    [Fact]
    public void No_prefix_no_longer_text_and_no_empty_list_is_read()
    {
        byte[] bytes = Encode(Parts);
        for (int length = 0; length < bytes.Length; length++)
        {
            CompositeFormat.TryRead(bytes.AsSpan(0, length), allowComposites: true, out _).ShouldBeFalse();
        }

        CompositeFormat.TryRead([.. bytes, 0], allowComposites: true, out _).ShouldBeFalse();
        CompositeFormat.TryRead(Encode([]), allowComposites: true, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_changed_byte_is_refused_or_changes_nothing_but_a_name()
    {
        byte[] bytes = Encode(Parts);
        for (int i = 0; i < bytes.Length; i++)
        {
            byte[] changed = [.. bytes];
            changed[i] ^= 0xFF;
            if (CompositeFormat.TryRead(changed, allowComposites: true, out BlobPart[] read))
            {
                read.Select(p => p.SizeBytes).ShouldBe(Parts.Select(p => p.SizeBytes));
                read.ShouldNotBe(Parts);
            }
        }
    }

    [Fact]
    public void The_largest_list_fits_a_blob_and_ten_thousand_parts_do()
    {
        int most = CompositeFormat.MaxParts(BlobLimits.MaxContentBytes);

        most.ShouldBeGreaterThan(100_000);
        CompositeFormat.EncodedLength(most).ShouldBeLessThanOrEqualTo(BlobLimits.MaxContentBytes);
        CompositeFormat.EncodedLength(most + 1).ShouldBeGreaterThan(BlobLimits.MaxContentBytes);
    }

    private static byte[] Encode(IReadOnlyList<BlobPart> parts)
    {
        byte[] bytes = new byte[CompositeFormat.EncodedLength(parts.Count)];
        CompositeFormat.Write(parts, bytes);
        return bytes;
    }

    private static BlobId Id(BlobKind kind, int number) =>
        new(new DataCenterId(9), 7, 8, new PartitionId(11), kind, new Guid(number, 0, 0, new byte[8]));
}
