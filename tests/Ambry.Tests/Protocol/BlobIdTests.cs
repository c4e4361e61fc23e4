using Ambry.Protocol;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Protocol;

public sealed class BlobIdTests
{
    private static readonly BlobId Id = new(
        new DataCenterId(3),
        4,
        5,
        new PartitionId(6),
        BlobKind.Composite,
        new Guid("00112233-4455-6677-8899-aabbccddeeff"));

    [Fact]
    public void The_text_reads_back()
    {
        BlobId.TryParse(Id.ToString(), out var parsed).ShouldBeTrue();

        parsed.ShouldBe(Id);
    }

    [Fact]
    public void No_prefix_and_no_foreign_character_is_an_id_and_none_throws()
    {
        string text = Id.ToString();
        for (int length = 0; length < text.Length; length++)
        {
            BlobId.TryParse(text.AsSpan(0, length), out _).ShouldBeFalse();
        }

        foreach (char foreign in "+/= .é\0")
        {
            for (int at = 0; at < text.Length; at++)
            {
                BlobId.TryParse(text[..at] + foreign + text[(at + 1)..], out _).ShouldBeFalse($"'{foreign}' at {at}");
            }
        }
    }
}
