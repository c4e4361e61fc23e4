using System.Text;
using Ambry.Integration.Tests.Support;

namespace Ambry.Integration.Tests.Operations;

public sealed class ListObjectsV2Tests(AmbryFixture fixture) : SharedStoreTest(fixture)
{
    private const int Seed = 20_263;

    [Fact]
    public async Task A_page_shows_what_was_asked_and_what_was_found()
    {
        var tag = (await PutAsync("dir/b", [1, 2, 3]))["ETag"]!;
        await PutAsync("dir/sub/c", [1]);
        var listed = await ListAsync(("prefix", "dir/"), ("delimiter", "/"), ("start-after", "dir/a"));
        listed.Status.ShouldBe(200);
        listed["Content-Type"].ShouldBe("application/xml");
        listed.Xml.Name.ToString().ShouldBe("{http://s3.amazonaws.com/doc/2006-03-01/}ListBucketResult");
        listed.ChildNames.ShouldBe(
            "Name Prefix StartAfter KeyCount MaxKeys Delimiter IsTruncated Contents CommonPrefixes");
        listed.Element("KeyCount").ShouldBe("2");
        listed.Values("Key").ShouldBe(["dir/b"]);
        listed.Values("ETag").ShouldBe([tag]);
        listed.Values("Size").ShouldBe(["3"]);
        listed.Values("Owner").ShouldBeEmpty();
        listed.Values("LastModified").ShouldAllBe(time => time.Length == 24 && time[19] == '.' && time[23] == 'Z');
    }

    [Fact]
    public async Task Owners_are_shown_when_asked_for()
    {
        await PutAsync("a", [1]);
        var owner = (await ListAsync(("fetch-owner", "true"))).Values("ID").ShouldHaveSingleItem();
        owner.Length.ShouldBe(64);
    }

    /// <summary>The model: sort by bytes, filter, group by delimiter, cut into pages.</summary>
    [Fact]
    public async Task Any_listing_is_what_sorting_and_grouping_says()
    {
        var random = new Random(Seed);
        string[] pieces = ["a", "b", "/", "-", "//", "\u00fc", "\uff5e", "\U0001f600", "%2F", "+", " ", "z"];
        var keys = new HashSet<string>();
        while (keys.Count < 150)
        {
            keys.Add(string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.GetItems(pieces, 1)[0])));
        }

        await Parallel.ForEachAsync(
            keys, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (key, _) => await PutAsync(key, [1]));
        foreach (var prefix in (string[])["", "a", "a/", "/", "\u00fc", "\U0001f600", "none"])
        {
            foreach (var delimiter in (string[])["", "/", "-", "\u00fc", "//"])
            {
                var pageSize = random.Next(1, 30);
                var found = await ItemsAsync(prefix, delimiter, pageSize);
                found.ShouldBe(Model(keys, prefix, delimiter), $"seed {Seed}: '{prefix}', '{delimiter}', {pageSize}");
            }
        }
    }

    [Fact]
    public async Task A_listing_between_writes_has_all_that_stayed()
    {
        var stays = Enumerable.Range(0, 60).Select(number => $"stay/{number:d2}").ToList();
        foreach (var key in stays)
        {
            await PutAsync(key, [1]);
        }

        var churn = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var round = 0; round < 20; round++)
            {
                await PutAsync($"stay/{(round * 7) + writer:d2}x", [1]);
                await DeleteAsync($"stay/{(round * 7) + writer:d2}x");
            }
        }));
        for (var round = 0; round < 10; round++)
        {
            var keys = await KeysAsync(pageSize: 7);
            keys.Where(key => !key.EndsWith('x')).ShouldBe(stays);
            keys.ShouldBe(keys.Distinct().Order(StringComparer.Ordinal));
        }

        await churn;
        (await KeysAsync()).ShouldBe(stays);
    }

    [Fact]
    public async Task A_long_key_fits_into_a_token()
    {
        var keys = Enumerable.Range(0, 3).Select(number => new string('k', 1023) + number).ToList();
        foreach (var key in keys)
        {
            (await PutAsync(key, [1])).Status.ShouldBe(200);
        }

        (await KeysAsync(pageSize: 1)).ShouldBe(keys);
    }

    [Fact]
    public async Task A_token_beats_start_after()
    {
        foreach (var key in (string[])["a", "b", "c", "d"])
        {
            await PutAsync(key, [1]);
        }

        var first = await ListAsync(("start-after", "a"), ("max-keys", "1"));
        first.Values("Key").ShouldBe(["b"]);
        var second = await ListAsync(
            ("start-after", "a"), ("continuation-token", first.Element("NextContinuationToken")));
        second.Values("Key").ShouldBe(["c", "d"]);
    }

    [Theory]
    [InlineData("continuation-token", "")]
    [InlineData("continuation-token", "made-up")]
    [InlineData("max-keys", "1.5")]
    [InlineData("encoding-type", "URL")]
    public async Task A_senseless_parameter_is_refused(string name, string value) =>
        ShouldBeError(await ListAsync((name, value)), 400, "InvalidArgument");

    [Fact]
    public async Task A_bucket_that_is_not_there_has_no_list() => ShouldBeError(
        await Client.SendAsync("GET", $"/{Bucket}-absent", [("list-type", "2")]), 404, "NoSuchBucket");

    private static List<string> Model(IEnumerable<string> keys, string prefix, string delimiter)
    {
        var items = new List<string>();
        foreach (var key in keys.OrderBy(key => key, Comparer<string>.Create(CompareBytes)))
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            var at = delimiter.Length == 0 ? -1 : key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
            var item = at < 0 ? key : key[..(at + delimiter.Length)] + "*";
            if (items.Count == 0 || items[^1] != item)
            {
                items.Add(item);
            }
        }

        return items;
    }

    private static int CompareBytes(string? left, string? right) =>
        Encoding.UTF8.GetBytes(left!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(right!));

    private async Task<List<string>> ItemsAsync(string prefix, string delimiter, int pageSize)
    {
        var items = new List<string>();
        var token = "";
        do
        {
            List<(string, string)> query =
                [("prefix", prefix), ("delimiter", delimiter), ("max-keys", $"{pageSize}"), ("encoding-type", "url")];
            if (token.Length > 0)
            {
                query.Add(("continuation-token", token));
            }

            var page = await ListAsync([.. query]);
            var keys = page.Values("Key").Select(Uri.UnescapeDataString);
            var prefixes = page.Xml.Elements().Where(item => item.Name.LocalName == "CommonPrefixes")
                .Select(item => Uri.UnescapeDataString(item.Value) + "*");
            var onPage = keys.Concat(prefixes)
                .OrderBy(item => item.TrimEnd('*'), Comparer<string>.Create(CompareBytes)).ToList();
            page.Element("KeyCount").ShouldBe($"{onPage.Count}");
            onPage.Count.ShouldBeLessThanOrEqualTo(pageSize);
            items.AddRange(onPage);
            token = page.Element("NextContinuationToken");
        }
        while (token.Length > 0);

        return items;
    }
}
