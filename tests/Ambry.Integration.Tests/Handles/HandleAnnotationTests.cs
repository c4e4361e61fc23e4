using Ambry.Host.Handles;

namespace Ambry.Integration.Tests.Handles;

public sealed class HandleAnnotationTests
{
    private static readonly HandleAnnotation Full = new()
    {
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_795_435_200_250),
        IsPrivate = true,
        ServiceId = "service",
        OwnerId = "owner",
        ContentType = "image/png",
        ContentEncoding = "gzip",
        Filename = "gr\u00F6\u00DFe.png",
        UserMetadata = [new("a", "1"), new("b", ""), new("c", "\u00FF")],
    };

    [Fact]
    public void What_was_encoded_is_decoded()
    {
        HandleAnnotation.TryDecode(Full.Encode(), out var read).ShouldBeTrue();
        read!.UserMetadata.ShouldBe(Full.UserMetadata);
        (read with { UserMetadata = Full.UserMetadata }).ShouldBe(Full);
    }

    [Fact]
    public void The_bytes_of_a_small_one_stay_as_they_are() =>
        new HandleAnnotation
        {
            CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(0x0102030405),
            ServiceId = "s",
            ContentType = "t",
            UserMetadata = [new("n", "v")],
        }.Encode().ShouldBe(
        [
            0x48, 1, 0, 5, 4, 3, 2, 1, 0, 0, 0, 1, 0, (byte)'s', 0, 0, 1, 0, (byte)'t', 0, 0, 0, 0, 1, 0, 1, 0,
            (byte)'n', 1, 0, (byte)'v',
        ]);

    [Fact]
    public void No_prefix_is_one()
    {
        byte[] bytes = Full.Encode();
        for (int length = 0; length < bytes.Length; length++)
        {
            HandleAnnotation.TryDecode(bytes.AsSpan(0, length), out _).ShouldBeFalse($"{length} bytes");
        }

        HandleAnnotation.TryDecode([.. bytes, 0], out _).ShouldBeFalse();
    }

    [Fact]
    public void A_changed_byte_is_refused_or_is_another_value()
    {
        byte[] bytes = Full.Encode();
        for (int i = 0; i < bytes.Length; i++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. bytes];
                changed[i] ^= (byte)(1 << bit);
                if (HandleAnnotation.TryDecode(changed, out var read))
                {
                    read!.Encode().ShouldBe(changed, $"bit {bit} of byte {i}");
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void An_unknown_kind_version_or_flag_is_refused(int at)
    {
        byte[] bytes = Full.Encode();
        bytes[at] += 2;
        HandleAnnotation.TryDecode(bytes, out _).ShouldBeFalse();
    }

    [Fact]
    public void More_items_than_there_can_be_are_refused()
    {
        var items = Enumerable.Range(0, HandleAnnotation.ItemsMax + 1)
            .Select(i => new KeyValuePair<string, string>($"{i}", ""));
        byte[] bytes = (Full with { UserMetadata = [.. items] }).Encode();
        HandleAnnotation.TryDecode(bytes, out _).ShouldBeFalse();
        bytes = (Full with { UserMetadata = [.. items.Skip(1)] }).Encode();
        HandleAnnotation.TryDecode(bytes, out _).ShouldBeTrue();
    }
}
