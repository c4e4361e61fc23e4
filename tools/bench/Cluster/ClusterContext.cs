using Ambry.Bench.Engine;

namespace Ambry.Bench.Cluster;

/// <summary>What a case of `bench cluster` works with.</summary>
/// <param name="Repository">The root of the source tree: what is measured is its Release build.</param>
/// <param name="Folder">On the disk to measure; deleted at the end.</param>
/// <param name="Length">Of one measurement.</param>
internal sealed record ClusterContext(
    string Repository, string Folder, bool IsQuick, int Rounds, TimeSpan Length, Report Report)
{
    public string NewFolder(string name) =>
        Directory.CreateDirectory(Path.Combine(Folder, name)).FullName;
}
