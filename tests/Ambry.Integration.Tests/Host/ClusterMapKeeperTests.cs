using Ambry.ClusterMap;
using Ambry.Host;
using Ambry.Host.Cluster;
using Ambry.Log;
using Ambry.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Integration.Tests.Host;

public sealed class ClusterMapKeeperTests : IDisposable
{
    private static readonly DataCenterId Here = new(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("ambry-map-").FullName;
    private readonly FileDisk _disk;

    public ClusterMapKeeperTests() => _disk = new FileDisk(Path.Combine(_folder, "data"));

    private string Given => Path.Combine(_folder, "given.json");

    public void Dispose()
    {
        _disk.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_first_map_is_kept_and_found_again_without_its_file()
    {
        using (var first = await OpenAsync(Version(3)))
        {
            first.Live.Current.Layout.Version.ShouldBe(3);
        }

        File.Delete(Given);
        using var again = await ClusterMapKeeper.OpenAsync(_disk, null, Here, NullLogger.Instance, default);
        again.Live.Current.Layout.Version.ShouldBe(3);
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(5, 3)]
    public async Task The_newer_of_the_kept_and_the_given_map_counts(int kept, int given)
    {
        (await OpenAsync(Version(kept))).Dispose();
        using var keeper = await OpenAsync(Version(given));
        keeper.Live.Current.Layout.Version.ShouldBe(5);
        keeper.Fault.ShouldBeNull();
    }

    [Fact]
    public async Task Without_any_map_the_start_fails() => (await Should.ThrowAsync<StartupException>(
        () => ClusterMapKeeper.OpenAsync(_disk, null, Here, NullLogger.Instance, default)))
        .Message.ShouldContain("clusterMap");

    [Fact]
    public async Task A_map_without_this_data_centre_fails_the_start()
    {
        await File.WriteAllBytesAsync(Given, Version(3).ToJson());
        (await Should.ThrowAsync<StartupException>(() => ClusterMapKeeper.OpenAsync(
            _disk, Given, new DataCenterId(9), NullLogger.Instance, default))).Message.ShouldContain("id 9");
    }

    [Fact]
    public async Task A_newer_map_is_durable_before_anybody_follows_it()
    {
        using var keeper = await OpenAsync(Version(3));
        long durable = 0;
        keeper.Use(async (view, token) =>
        {
            byte[]? kept = await _disk.TryReadAllAsync(ClusterMapKeeper.FileName, 1 << 20, token);
            durable = ClusterLayout.Parse(kept).Layout!.Version;
            view.ShouldBeSameAs(keeper.Live.Current);
        });

        (await OfferAsync(keeper, Version(4), editedFrom: 3)).Verdict.ShouldBe(MapVerdict.Taken);

        durable.ShouldBe(4);
        ClusterLayout.Parse(keeper.Json).Layout!.Version.ShouldBe(4);
    }

    [Fact]
    public async Task A_map_is_refused_when_it_is_older_or_was_made_from_an_older_one()
    {
        using var keeper = await OpenAsync(Version(5));

        (await OfferAsync(keeper, Version(4), null)).Verdict.ShouldBe(MapVerdict.Outdated);
        (await OfferAsync(keeper, Version(6), editedFrom: 4)).ShouldBe(
            new MapAnswer(MapVerdict.Outdated, 5, 6, []), new SameAnswer());
        (await OfferAsync(keeper, Version(5), editedFrom: 5)).Verdict.ShouldBe(MapVerdict.Known);
        keeper.Live.Current.Layout.Version.ShouldBe(5);
    }

    [Fact]
    public async Task A_node_that_missed_a_map_takes_a_later_one()
    {
        using var keeper = await OpenAsync(Version(3));
        (await OfferAsync(keeper, Version(7), editedFrom: 6)).Verdict.ShouldBe(MapVerdict.Taken);
    }

    [Fact]
    public async Task Two_maps_of_one_version_are_a_fault_until_a_newer_one_comes()
    {
        using var keeper = await OpenAsync(Version(3));

        (await OfferAsync(keeper, Version(3, "rack-b"), null)).Verdict.ShouldBe(MapVerdict.Split);
        keeper.Fault.ShouldBe("two different cluster maps have version 3");
        (await OfferAsync(keeper, Version(4), null)).Verdict.ShouldBe(MapVerdict.Taken);
        keeper.Fault.ShouldBeNull();
    }

    [Fact]
    public async Task A_map_of_another_cluster_or_with_faults_is_not_taken()
    {
        using var keeper = await OpenAsync(Version(3));
        ClusterLayout other = Version(4) with
        {
            HardwareLayout = Version(4).HardwareLayout with { ClusterName = "other" },
            PartitionLayout = Version(4).PartitionLayout with { ClusterName = "other" },
        };

        (await OfferAsync(keeper, other, null)).Faults.ShouldHaveSingleItem().ShouldContain("clusterName");
        (await keeper.OfferAsync("{"u8.ToArray(), "test", null, default)).Verdict.ShouldBe(MapVerdict.Invalid);
        keeper.Live.Current.Layout.Version.ShouldBe(3);
    }

    [Fact]
    public async Task What_could_not_be_followed_is_tried_again()
    {
        using var keeper = await OpenAsync(Version(3));
        var fails = true;
        keeper.Use((_, _) => fails ? throw new IOException("no room") : ValueTask.CompletedTask);

        (await OfferAsync(keeper, Version(4), null)).Verdict.ShouldBe(MapVerdict.Taken);
        keeper.Fault.ShouldBe("cluster map 4 is not followed: no room");
        fails = false;
        await keeper.FollowAsync(default);
        keeper.Fault.ShouldBeNull();
    }

    private static ClusterLayout Version(int version, string rack = "rack-a")
    {
        ClusterLayout layout = EmbeddedLayout.Create(Here, new DataNodeId("localhost", 1), "/d", 1, 1L << 30);
        DatacenterLayout here = layout.HardwareLayout.Datacenters[0];
        return layout with
        {
            HardwareLayout = layout.HardwareLayout with
            {
                Version = version - layout.PartitionLayout.Version,
                Datacenters = [here with { DataNodes = [here.DataNodes[0] with { RackId = rack }] }],
            },
        };
    }

    private static ValueTask<MapAnswer> OfferAsync(ClusterMapKeeper keeper, ClusterLayout map, long? editedFrom) =>
        keeper.OfferAsync(map.ToJson(), "test", editedFrom, default);

    private async Task<ClusterMapKeeper> OpenAsync(ClusterLayout given)
    {
        await File.WriteAllBytesAsync(Given, given.ToJson());
        return await ClusterMapKeeper.OpenAsync(_disk, Given, Here, NullLogger.Instance, default);
    }

    private sealed class SameAnswer : IEqualityComparer<MapAnswer>
    {
        public bool Equals(MapAnswer? x, MapAnswer? y) =>
            (x?.Verdict, x?.Version, x?.Offered) == (y?.Verdict, y?.Version, y?.Offered);

        public int GetHashCode(MapAnswer answer) => answer.Version.GetHashCode();
    }
}
