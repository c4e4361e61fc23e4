using Ambry.Metadata;
using Ambry.Objects;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class BlobAnnotationTests
{
    private static readonly BlobAnnotation Full = new()
    {
        BucketId = 0xDEADBEEF,
        BucketName = "bucket-é",
        Key = new byte[] { 0, 255, (byte)'/', 7 },
        Owner = "owner",
        Holder = new Guid("00112233-4455-6677-8899-aabbccddeeff"),
        PartNumber = 10_000,
        ETag = "0123-7",
        Headers = [new NameValue("Content-Type", "text/plain"), new NameValue("Cache-Control", "")],
        UserMetadata = [new NameValue("colour", "blau")],
    };

    private static readonly BlobAnnotation Bare = new()
    {
        BucketId = 1,
        BucketName = "b",
        Key = new byte[1024],
        Owner = "",
        Holder = Guid.Empty,
    };

    [Fact]
    public void What_was_encoded_is_decoded()
    {
        foreach (var annotation in new[] { Full, Bare })
        {
            BlobAnnotation.TryDecode(annotation.Encode(), out var decoded).ShouldBeTrue();

            decoded!.Key.ToArray().ShouldBe(annotation.Key.ToArray());
            decoded.Headers.ShouldBe(annotation.Headers);
            decoded.UserMetadata.ShouldBe(annotation.UserMetadata);
            var rest = annotation with
            {
                Key = decoded.Key,
                Headers = decoded.Headers,
                UserMetadata = decoded.UserMetadata,
            };
            decoded.ShouldBe(rest);
        }
    }

    [Fact]
    public void The_bytes_are_those_of_the_format()
    {
        var small = Bare with
        {
            Key = "k"u8.ToArray(),
            Holder = Full.Holder,
            PartNumber = 2,
            Headers = [new NameValue("h", "v")],
        };

        Convert.ToHexStringLower(small.Encode().Span).ShouldBe(
            "01" + "01000000" + "02000000" + "00112233445566778899aabbccddeeff"
            + "01006b" + "010062" + "0000" + "0000" + "0100" + "010068" + "010076" + "0000");
    }

    [Fact]
    public void No_prefix_and_no_longer_text_is_an_annotation()
    {
        var bytes = Full.Encode();
        for (int length = 0; length < bytes.Length; length++)
        {
            BlobAnnotation.TryDecode(bytes[..length], out _).ShouldBeFalse($"{length} bytes");
        }

        BlobAnnotation.TryDecode((byte[])[.. bytes.Span, 0], out _).ShouldBeFalse();
    }

    [Fact]
    public void A_changed_byte_is_another_annotation_or_none_and_never_throws()
    {
        byte[] good = Full.Encode().ToArray();
        int refused = 0;
        for (int at = 0; at < good.Length; at++)
        {
            for (int value = 0; value < 256; value++)
            {
                byte[] bytes = [.. good];
                bytes[at] = (byte)value;
                refused += BlobAnnotation.TryDecode(bytes, out _) ? 0 : 1;
            }
        }

        refused.ShouldBeGreaterThan(255);
    }

    [Fact]
    public void More_items_than_any_name_can_carry_are_refused()
    {
        BlobAnnotation.TryDecode(WithHeaders(512).Encode(), out _).ShouldBeTrue();
        BlobAnnotation.TryDecode(WithHeaders(513).Encode(), out _).ShouldBeFalse();

        static BlobAnnotation WithHeaders(int count) =>
            Bare with { Headers = [.. Enumerable.Repeat(new NameValue("a", "b"), count)] };
    }
}
