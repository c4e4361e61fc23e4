using Ambry.Store.Index;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Store;

public class IndexBloomTests(ITestOutputHelper output)
{
    // Calculated from docs/formats.md, apart from this code.
    private const string Stored =
        "1055 1071 1108 1111 1166 1170 1245 1278 1291 1298 1356 1371 1420 1426 1505 1509 3603 3643 3674 3691 "
        + "3730 3761 3791 3800 3894 3901 3951 3955 3986 4001 4033 4083";

    [Fact]
    public void Filter_has_no_false_negative_and_hardly_a_false_positive()
    {
        const int Entries = 10_000;
        BloomFilter bloom = NewFilter(Entries);
        for (int i = 0; i < Entries; i++)
        {
            bloom.Add(Key(i));
        }

        Enumerable.Range(0, Entries).ShouldAllBe(i => bloom.MayContain(Key(i)));
        int wrong = Enumerable.Range(Entries, 1_000_000).Count(i => bloom.MayContain(Key(i)));
        output.WriteLine($"{wrong} false positives of 1000000");
        wrong.ShouldBeLessThanOrEqualTo(8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(15)]
    public void A_small_filter_knows_what_it_was_given_and_not_everything(int entries)
    {
        BloomFilter bloom = NewFilter(entries);
        for (int i = 0; i < entries; i++)
        {
            bloom.Add(Key(i));
        }

        Enumerable.Range(0, entries).ShouldAllBe(i => bloom.MayContain(Key(i)));
        Enumerable.Range(entries, 10_000).Count(i => bloom.MayContain(Key(i))).ShouldBeLessThan(5);
    }

    [Fact]
    public void Stored_filters_are_read_for_ever()
    {
        (byte[] bytes, int start) = BloomFilter.Allocate(8 * BloomFilter.BlockBytes);
        var bloom = new BloomFilter(bytes, start, 8);
        bloom.Add(Key(1));
        bloom.Add(Key(2));
        string set = string.Join(
            ' ', Enumerable.Range(0, 8 * 512).Where(bit => (bytes[start + (bit / 8)] & (1 << (bit % 8))) != 0));
        set.ShouldBe(Stored);
    }

    private static BloomKey Key(int number) => BloomKey.Of(IndexKey.Of(StoreKit.Id(number)));

    private static BloomFilter NewFilter(int entries)
    {
        int blocks = BloomFilter.BlocksFor(entries);
        (byte[] bytes, int start) = BloomFilter.Allocate(blocks * BloomFilter.BlockBytes);
        return new BloomFilter(bytes, start, blocks);
    }
}
