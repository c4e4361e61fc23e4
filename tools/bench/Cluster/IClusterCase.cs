namespace Ambry.Bench.Cluster;

/// <summary>One question that `bench cluster` answers.</summary>
internal interface IClusterCase
{
    string Name { get; }

    Task RunAsync(ClusterContext context, CancellationToken token);
}
