namespace Ambry.Bench.Cluster;

/// <summary>
/// PUT and GET of small and large objects through a cluster's gateway, against one process with one copy: in turn, in
/// one run. Every byte of a PUT goes to three disks that are one here, so a third is what a disk-bound load leaves.
/// </summary>
internal sealed class ThroughputCase : IClusterCase
{
    private const string Bucket = "bench";

    private static readonly Load[] Loads =
    [
        new("4 KiB", 4096, 32, 2000),
        new("4 MiB", 4 * 1024 * 1024, 4, 32),
    ];

    public string Name => "throughput";

    public async Task RunAsync(ClusterContext context, CancellationToken token)
    {
        await using var single = await SingleNode.StartAsync(context.Repository, context.NewFolder("single"), token);
        await using var cluster =
            await LocalCluster.StartAsync(context.Repository, context.NewFolder("cluster"), 3, token);
        await Buckets.CreateAsync(single.Target, Bucket, token);
        await Buckets.CreateAsync(cluster.Target, Bucket, token);
        foreach (var load in Loads)
        {
            foreach (string operation in (string[])["put", "get"])
            {
                await CompareAsync(context, load, operation, single.Target, cluster.Target, token);
            }
        }
    }

    private static async Task CompareAsync(
        ClusterContext context, Load load, string operation, S3Target single, S3Target cluster, CancellationToken token)
    {
        List<LoadResult> alone = [];
        List<LoadResult> together = [];
        for (int round = 0; round < context.Rounds; round++)
        {
            alone.Add(await RunAsync(context, load, operation, single, token));
            together.Add(await RunAsync(context, load, operation, cluster, token));
        }

        string name = $"{operation} {load.Name}";
        context.Report.Add("throughput", $"{name}, 1 process", "/s", alone.Select(r => r.PerSecond));
        context.Report.Add("throughput", $"{name}, 3 nodes", "/s", together.Select(r => r.PerSecond));
        context.Report.Add("throughput", $"{name}, 3 nodes, p50", "ms", together.Select(r => r.At(0.5)));
        context.Report.Add("throughput", $"{name}, 3 nodes, p99", "ms", together.Select(r => r.At(0.99)));
        context.Report.Add(
            "throughput",
            $"{name}, 3 nodes / 1 process",
            "×",
            alone.Zip(together, (one, three) => three.PerSecond / one.PerSecond));
    }

    private static async Task<LoadResult> RunAsync(
        ClusterContext context, Load load, string operation, S3Target target, CancellationToken token)
    {
        var run = new S3Load(target, Bucket, operation, load.SizeBytes, load.Keys, TimeProvider.System);
        var result = await run.RunAsync(load.Connections, context.Length, token);
        if (result.Errors > 0)
        {
            context.Report.Note($"{operation} {load.Name} at {target}: {result.Errors} errors.");
        }

        return result;
    }

    private sealed record Load(string Name, int SizeBytes, int Connections, int Keys);
}
