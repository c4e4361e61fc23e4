using Xunit.Abstractions;

namespace Ambry.Integration.Tests.Cluster;

/// <summary>What each data centre can do alone, and what the two do together, as clients of both see it.</summary>
public sealed class TwoDataCentersTests(TwoDataCenters cluster, ITestOutputHelper output)
    : IClassFixture<TwoDataCenters>
{
    /// <summary>
    /// What a client waits for its own data centre while the other one is silent, with room for a busy machine: no
    /// request to the other one may be in the way.
    /// </summary>
    private static readonly TimeSpan OwnLimit = TimeSpan.FromSeconds(5);

    /// <summary>How long a client waits to hear that the other data centre does not answer.</summary>
    private static readonly TimeSpan AwayLimit = TimeSpan.FromSeconds(20);

    private const int Large = (2 * 4 * 1024 * 1024) + 12_345;

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 100)]
    [InlineData(1, Large)]
    public async Task A_blob_is_read_in_the_other_data_centre_before_it_is_there(int home, int size)
    {
        int away = 3 - home;
        await cluster.ReplicateAsync(into: away, isOn: false);
        try
        {
            byte[] content = Bytes(size, seed: home);
            string path = await cluster.PutAsync(home, content);
            await cluster.ShouldReadAsync(away, path, content);
            (await cluster.HoldsAsync(home, path)).ShouldBeTrue();
            (await cluster.HoldsAsync(away, path)).ShouldBeFalse();
        }
        finally
        {
            await cluster.ReplicateAsync(into: away, isOn: true);
        }

        await cluster.ShouldBecomeEqualAsync();
    }

    [Fact]
    public async Task Blobs_are_replicated_both_ways()
    {
        byte[] content = Bytes(Large, seed: 3);
        string[] paths = [await cluster.PutAsync(1, content), await cluster.PutAsync(2, content)];
        await cluster.ShouldBecomeEqualAsync();
        foreach (string path in paths)
        {
            (await cluster.HoldsAsync(1, path)).ShouldBeTrue();
            (await cluster.HoldsAsync(2, path)).ShouldBeTrue();
        }
    }

    [Theory]
    [InlineData(nameof(LinkState.Refusing))]
    [InlineData(nameof(LinkState.Silent))]
    public async Task With_the_link_cut_each_goes_on_and_after_it_both_hold_everything(string cut)
    {
        byte[] before = Bytes(50_000, seed: 4);
        string old = await cluster.PutAsync(1, before);
        string doomed = await cluster.PutAsync(1, before);
        await cluster.ShouldBecomeEqualAsync();
        var written = new List<(int Home, string Path, byte[] Content)>();
        cluster.Set(Enum.Parse<LinkState>(cut));
        try
        {
            long passed = cluster.LinkBytes;
            for (int i = 0; i < 20; i++)
            {
                int home = 1 + (i % 2);
                byte[] content = Bytes(i == 10 ? Large : 1000 * i, seed: 100 + i);
                string path = "";
                await TimeAsync("put", OwnLimit, async () => path = await cluster.PutAsync(home, content));
                await TimeAsync("read", OwnLimit, () => cluster.ShouldReadAsync(home, path, content));
                await TimeAsync("read old", OwnLimit, () => cluster.ShouldReadAsync(home, old, before));
                written.Add((home, path, content));
            }

            // The data centre that wrote it does not answer: nobody may say that the blob is not there.
            foreach (var (home, path, _) in written.Take(2))
            {
                int status = 0;
                await TimeAsync(
                    "read of the other",
                    AwayLimit,
                    async () => status = (await cluster.GetAsync(3 - home, path)).Status);
                status.ShouldBe(503);
            }

            await TimeAsync("delete", OwnLimit, async () => (await cluster.DeleteAsync(2, doomed)).ShouldBe(202));
            (await cluster.GetAsync(2, doomed)).Status.ShouldBe(410);
            (await cluster.GetAsync(1, doomed)).Status.ShouldBe(200);
            cluster.LinkBytes.ShouldBe(passed);
        }
        finally
        {
            cluster.Set(LinkState.Up);
        }

        await cluster.ShouldBecomeEqualAsync();
        foreach (var (home, path, content) in written)
        {
            await cluster.ShouldReadAsync(home, path, content);
            await cluster.ShouldReadAsync(3 - home, path, content);
        }

        (await cluster.GetAsync(1, doomed)).Status.ShouldBe(410);
    }

    private async Task TimeAsync(string what, TimeSpan limit, Func<Task> run)
    {
        long started = TimeProvider.System.GetTimestamp();
        await run();
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        output.WriteLine($"{what}: {elapsed.TotalMilliseconds:0} ms");
        elapsed.ShouldBeLessThan(limit, what);
    }

    private static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
