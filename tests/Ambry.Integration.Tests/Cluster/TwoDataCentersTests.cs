namespace Ambry.Integration.Tests.Cluster;

/// <summary>What each data centre can do alone, and what the two do together, as clients of both see it.</summary>
public sealed class TwoDataCentersTests(TwoDataCenters cluster) : IClassFixture<TwoDataCenters>
{
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
                string path = await cluster.PutAsync(home, content);
                await cluster.ShouldReadAsync(home, path, content);
                await cluster.ShouldReadAsync(home, old, before);
                written.Add((home, path, content));
            }

            // The data centre that wrote it does not answer: nobody may say that the blob is not there.
            foreach (var (home, path, _) in written.Take(2))
            {
                (await cluster.GetAsync(3 - home, path)).Status.ShouldBe(503);
            }

            (await cluster.DeleteAsync(2, doomed)).ShouldBe(202);
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

    private static byte[] Bytes(int length, int seed)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
