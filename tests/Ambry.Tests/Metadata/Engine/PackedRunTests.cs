using Ambry.Log;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata.Engine;

public sealed class PackedRunTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    public void Items_come_back_as_written(int count)
    {
        var items = Items(count, new Random(count));
        var run = PackedRun.Decode(PackedRunWriter.Encode(RunKind.Leaf, 7, items), RunKind.Leaf, 7);
        run.Count.ShouldBe(count);
        for (var i = 0; i < count; i++)
        {
            run[i].Key.ToArray().ShouldBe(items[i].Key.ToArray());
            run[i].Value.ToArray().ShouldBe(items[i].Value.ToArray());
            run.Find(items[i].Key.Span).ShouldBe(i);
            run.Find([.. items[i].Key.Span, 0]).ShouldBe(~(i + 1));
        }
    }

    [Fact]
    public void Every_single_byte_change_is_found()
    {
        var payload = PackedRunWriter.Encode(RunKind.Leaf, 7, Items(5, new Random(3)));
        for (var i = 0; i < payload.Length; i++)
        {
            var changed = payload.ToArray();
            changed[i] ^= 0x10;
            Should.Throw<CorruptRecordException>(() => PackedRun.Decode(changed, RunKind.Leaf, 7));
        }
    }

    [Fact]
    public void Every_prefix_is_refused()
    {
        var payload = PackedRunWriter.Encode(RunKind.Leaf, 7, Items(5, new Random(4)));
        for (var i = 0; i < payload.Length; i++)
        {
            var cut = payload[..i];
            Should.Throw<CorruptRecordException>(() => PackedRun.Decode(cut, RunKind.Leaf, 7));
        }
    }

    [Fact]
    public void Another_document_is_refused()
    {
        var payload = PackedRunWriter.Encode(RunKind.Leaf, 7, Items(5, new Random(5)));
        Should.Throw<CorruptRecordException>(() => PackedRun.Decode(payload, RunKind.Leaf, 8));
        Should.Throw<CorruptRecordException>(() => PackedRun.Decode(payload, RunKind.Directory, 7));
    }

    [Fact]
    public void A_format_sample_of_version_1_stays_readable()
    {
        var payload = Convert.FromHexString(
            "000000000101020007000000060000000003026162637631" + "0201007A").ToArray();
        var written = PackedRunWriter.Encode(
            RunKind.Leaf,
            7,
            [new ShardItem("abc"u8.ToArray(), "v1"u8.ToArray()), new ShardItem("abz"u8.ToArray(), default)]);
        written[4..].ShouldBe(payload[4..]);
    }

    [Fact]
    public void A_separator_is_above_the_left_key_and_not_above_the_right()
    {
        Separator("photo/a.jpg", "photo/b.jpg").ShouldBe("photo/b");
        Separator("photo", "photo/b.jpg").ShouldBe("photo/");
        Separator("", "x").ShouldBe("x");

        static string Separator(string left, string right) => System.Text.Encoding.UTF8.GetString(
            ByteOrder.Separator(EngineModel.Bytes(left), EngineModel.Bytes(right)).Span);
    }

    private static ShardItem[] Items(int count, Random random)
    {
        var keys = new SortedSet<byte[]>(EngineModel.KeyOrder.Instance);
        while (keys.Count < count)
        {
            var key = new byte[random.Next(1, 40)];
            random.NextBytes(key);
            keys.Add(key);
        }

        return [.. keys.Select(key => new ShardItem(key, new byte[random.Next(300)]))];
    }
}
