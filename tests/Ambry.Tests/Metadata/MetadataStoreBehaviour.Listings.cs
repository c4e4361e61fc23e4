using Ambry.Metadata;
using CsCheck;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata;

public abstract partial class MetadataStoreBehaviour
{
    private static readonly byte[] ListedBytes = [0x00, 0x2F, 0x61, 0x62, 0xC3, 0xFF];

    private static readonly Gen<byte> ListedByte = Gen.Int[0, ListedBytes.Length - 1].Select(i => ListedBytes[i]);

    [Fact]
    public async Task Listings_equal_sorting_and_grouping()
    {
        var random = new Random(42);
        var names = Enumerable.Range(0, 150)
            .Select(_ => random.GetItems(ListedBytes, random.Next(1, 12)))
            .Select(Convert.ToHexString)
            .Distinct()
            .ToList();
        await Task.WhenAll(names.ConvertAll(name => Store.CommitObjectAsync(
            Bucket, new ObjectKey(Convert.FromHexString(name)), _samples.Entry(), default, Token).AsTask()));
        names.Sort(StringComparer.Ordinal);
        var queries = Gen.Select(
            ListedByte.Array[0, 3], ListedByte.Array[0, 2], ListedByte.Array[0, 4], Gen.Int[0, 12]);

        await queries.SampleAsync(
            async (prefix, delimiter, after, max) =>
            {
                var query = new ListQuery(prefix, delimiter, after, max);
                var page = await Store.ListObjectsAsync(Bucket, query, Token);
                var expected = Model(names, prefix, delimiter, after);
                page.Items.Select(item => Convert.ToHexString(item.Key.Span) + (item.Entry is null ? "+" : ""))
                    .ShouldBe(expected.Take(max));
                page.IsTruncated.ShouldBe(max > 0 && expected.Count > max);
            },
            iter: 300,
            threads: 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    public async Task Pages_joined_by_their_last_item_are_the_whole_listing(string delimiter)
    {
        foreach (string key in new[] { "a", "a/", "a/1", "a/2", "ab", "b/1", "b/2", "c" })
        {
            await CommitAsync(key);
        }

        byte[] by = System.Text.Encoding.UTF8.GetBytes(delimiter);
        var whole = await Store.ListObjectsAsync(Bucket, new ListQuery(default, by, default, 1000), Token);
        var joined = new List<string>();
        ReadOnlyMemory<byte> after = default;
        bool isTruncated = true;
        while (isTruncated)
        {
            var page = await Store.ListObjectsAsync(Bucket, new ListQuery(default, by, after, 1), Token);
            joined.Add(Convert.ToHexString(page.Items.Single().Key.Span));
            after = page.Items[0].Key;
            isTruncated = page.IsTruncated;
        }

        joined.ShouldBe(whole.Items.Select(item => Convert.ToHexString(item.Key.Span)));
    }

    /// <summary>All items of a listing, sorted and grouped the plain way; names are hexadecimal, which sorts as the
    /// bytes do.</summary>
    private static List<string> Model(List<string> names, byte[] prefix, byte[] delimiter, byte[] after)
    {
        var items = new List<string>();
        string marker = Convert.ToHexString(after);
        bool isMarkerCommon = after.Length > 0 && Item(after, prefix, delimiter) == marker + "+";
        foreach (string name in names)
        {
            bool isBehind = string.CompareOrdinal(name, marker) > 0
                && !(isMarkerCommon && name.StartsWith(marker, StringComparison.Ordinal));
            if (isBehind && Item(Convert.FromHexString(name), prefix, delimiter) is { } item && !items.Contains(item))
            {
                items.Add(item);
            }
        }

        return items;
    }

    private static string? Item(byte[] name, byte[] prefix, byte[] delimiter)
    {
        if (!name.AsSpan().StartsWith(prefix))
        {
            return null;
        }

        int at = delimiter.Length == 0 ? -1 : name.AsSpan(prefix.Length).IndexOf(delimiter);
        return at < 0
            ? Convert.ToHexString(name)
            : Convert.ToHexString(name, 0, prefix.Length + at + delimiter.Length) + "+";
    }
}
