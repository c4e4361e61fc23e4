using Ambry.Metadata;
using Ambry.Metadata.State;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

public sealed class StateKeysTests
{
    private static readonly BucketId Bucket = new(0x01020304);

    private static readonly byte[] Telling = [0, 1, 9, 0x61, 0xFE, 0xFF];

    private static readonly Gen<byte[]> Names =
        Gen.OneOf(Gen.Int[0, Telling.Length - 1].Select(i => Telling[i]).Array[1, 20], Gen.Byte.Array[1, 40]);

    [Fact]
    public void Names_sort_as_their_bytes_whatever_follows_them() =>
        Gen.Select(Names, Names, Gen.Guid, Gen.Guid).Sample((left, right, one, two) =>
        {
            int expected = Math.Sign(left.AsSpan().SequenceCompareTo(right));
            byte[] a = StateKeys.Upload(Bucket, new ObjectKey(left), one);
            byte[] b = StateKeys.Upload(Bucket, new ObjectKey(right), two);
            return expected == 0 || Math.Sign(a.AsSpan().SequenceCompareTo(b)) == expected;
        });

    [Fact]
    public void Names_read_back() => Names.Sample(name =>
    {
        byte[] state = StateKeys.Part(Bucket, new ObjectKey(name), Guid.Empty, 7);
        return StateKeys.TryReadName(state, out byte[] read, out int suffix)
            && read.AsSpan().SequenceEqual(name)
            && suffix == state.Length - 18;
    });

    [Fact]
    public void A_bare_name_bounds_all_keys_of_that_name_from_below() =>
        Gen.Select(Names, Names).Sample((name, other) =>
        {
            byte[] bound = StateKeys.Name(StateKeys.ObjectTable, Bucket, name);
            byte[] key = StateKeys.Object(Bucket, new ObjectKey(other));
            bool isBehind = other.AsSpan().SequenceCompareTo(name) >= 0;
            return isBehind == key.AsSpan().SequenceCompareTo(bound) >= 0;
        });

    [Fact]
    public void The_longest_names_stay_within_the_limit_of_a_state_key()
    {
        var key = new ObjectKey(new byte[ObjectKey.MaxBytes]);
        StateKeys.Part(Bucket, key, Guid.Empty, 1).Length.ShouldBeLessThanOrEqualTo(1200);
    }

    [Fact]
    public void The_successor_is_the_first_behind_all_with_the_prefix()
    {
        StateKeys.Successor("ab"u8).ShouldBe("ac"u8.ToArray());
        StateKeys.Successor([1, 0xFF, 0xFF]).ShouldBe([2]);
        StateKeys.Successor([0xFF, 0xFF]).ShouldBeNull();
        StateKeys.Successor([]).ShouldBeNull();
    }

    [Fact]
    public void Slots_never_move()
    {
        // Stored keys were placed by these numbers; a change would lose them.
        StableHash.Of([]).ShouldBe(0xEFD01F60BA992926UL);
        Enumerable.Range(0, 6)
            .Select(i => SlotMap.SlotOf(new BucketId((uint)i), MetadataSamples.Key($"key-{i}")))
            .ShouldBe(ExpectedSlots);
    }

    [Fact]
    public void Keys_spread_over_the_width_and_nowhere_else()
    {
        var bucket = new BucketRecord(new BucketId(5), "b", MetadataSamples.Time, "o", "r", Width: 3);
        var counts = Enumerable.Range(0, 3000)
            .GroupBy(i => SlotMap.ShardOf(bucket, MetadataSamples.Key($"k{i}"), 16))
            .ToDictionary(g => g.Key, g => g.Count());
        counts.Keys.Order().ShouldBe(SlotMap.ShardsOf(bucket, 16).Order());
        counts.Values.ShouldAllBe(count => count > 850 && count < 1150);
    }

    private static readonly int[] ExpectedSlots = [166, 107, 214, 925, 725, 633];
}
