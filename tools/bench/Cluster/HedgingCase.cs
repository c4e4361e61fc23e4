using Ambry.Bench.Engine;
using Ambry.Protocol;
using Ambry.Router;

namespace Ambry.Bench.Cluster;

/// <summary>
/// Reads of small blobs while one of three nodes takes 50 ms longer to answer: with what the router does about it, with
/// hedging alone, with avoiding the slow node alone, and with neither. Nodes with listeners and router share a process;
/// requests go over TCP.
/// </summary>
internal sealed class HedgingCase : IClusterCase
{
    private const int Blobs = 400;
    private const int BlobBytes = 4096;
    private const int Readers = 8;

    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private static readonly (string Name, double HedgeShare, bool Avoids)[] Ways =
        [("neither", 0, false), ("avoiding", 0, true), ("hedging", 0.1, false), ("both", 0.1, true)];

    public string Name => "hedging";

    public async Task RunAsync(ClusterContext context, CancellationToken token)
    {
        await using var cluster = await InProcessCluster.StartAsync(context.NewFolder("hedging"), token);
        var ids = await FillAsync(cluster, token);
        var p99 = Ways.ToDictionary(way => way.Name, _ => new List<double>());
        var p999 = Ways.ToDictionary(way => way.Name, _ => new List<double>());
        var requests = Ways.ToDictionary(way => way.Name, _ => new List<double>());
        for (int round = 0; round < context.Rounds; round++)
        {
            foreach (var (name, share, avoids) in Ways)
            {
                var peers = new SlowPeerClient(cluster.Peers, cluster.Nodes[0], Delay, TimeProvider.System);
                var options = new RouterOptions { HedgeShare = share, AvoidSlowNodes = avoids };
                var router = cluster.CreateRouter(peers, options);
                await ReadAsync(router, ids, WarmUp, token);
                long before = peers.Reads;
                double[] sorted = await ReadAsync(router, ids, context.Length, token);
                p99[name].Add(At(sorted, 0.99));
                p999[name].Add(At(sorted, 0.999));
                requests[name].Add((peers.Reads - before) / (double)sorted.Length);
            }
        }

        foreach (var (name, _, _) in Ways)
        {
            context.Report.Add("hedging", $"p99, {name}", "ms", p99[name]);
            context.Report.Add("hedging", $"p99.9, {name}", "ms", p999[name]);
            context.Report.Add("hedging", $"requests a read, {name}", "×", requests[name]);
        }

        context.Report.Add(
            "hedging",
            "p99, neither / both",
            "×",
            p99["neither"].Zip(p99["both"], (one, two) => one / two),
            Target.Above(3));
        context.Report.Add(
            "hedging",
            "p99.9, avoiding / both",
            "×",
            p999["avoiding"].Zip(p999["both"], (one, two) => one / two));
        context.Report.Add("hedging", "requests a read, both", "×", requests["both"], Target.Below(1.1));
    }

    private static async Task<BlobId[]> FillAsync(InProcessCluster cluster, CancellationToken token)
    {
        var router = cluster.CreateRouter(cluster.Peers, new RouterOptions());
        var options = new PutBlobOptions(1, 1, ReadOnlyMemory<byte>.Empty);
        byte[] content = new byte[BlobBytes];
        var ids = new BlobId[Blobs];
        for (int i = 0; i < ids.Length; i++)
        {
            using var stream = new MemoryStream(content);
            var result = await router.PutAsync(options, stream, token);
            ids[i] = result.Error == RouterError.None
                ? result.Id
                : throw new InvalidOperationException($"A put failed: {result.Error}.");
        }

        return ids;
    }

    private static async Task<double[]> ReadAsync(
        BlobRouter router, BlobId[] ids, TimeSpan length, CancellationToken token)
    {
        long start = TimeProvider.System.GetTimestamp();
        var readers = Enumerable.Range(0, Readers).Select(number => Task.Run(() => LoopAsync(number), token)).ToList();
        double[][] samples = await Task.WhenAll(readers);
        return [.. samples.SelectMany(sample => sample).Order()];

        async Task<double[]> LoopAsync(int number)
        {
            var random = new Random(number);
            var samples = new List<double>();
            while (TimeProvider.System.GetElapsedTime(start) < length)
            {
                long began = TimeProvider.System.GetTimestamp();
                await ReadOneAsync(router, ids[random.Next(ids.Length)], token);
                samples.Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
            }

            return [.. samples];
        }
    }

    private static async Task ReadOneAsync(BlobRouter router, BlobId id, CancellationToken token)
    {
        var opened = await router.OpenReadAsync(id, 0, long.MaxValue, ReadScope.Live, token);
        if (opened.Reader is not { } reader)
        {
            throw new InvalidOperationException($"A read failed: {opened.Error}.");
        }

        await using (reader)
        {
            while ((await reader.ReadAsync(token)).Length > 0)
            {
            }
        }
    }

    private static double At(double[] sorted, double quantile) =>
        sorted[Math.Min(sorted.Length - 1, (int)(quantile * sorted.Length))];
}
