using Ambry.Protocol;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>Everything that was acknowledged to clients, and what was counted. For one thread only.</summary>
internal sealed class ClusterModel(ClusterTrace trace)
{
    private readonly List<SimBlob> _blobs = [];

    public IReadOnlyList<SimBlob> Blobs => _blobs;

    public ClusterTrace Trace => trace;

    /// <summary>Whether anything may fail now. Without faults no operation may.</summary>
    public bool HasFaults { get; set; }

    public int Operations { get; private set; }

    public int Failures { get; private set; }

    public int Reads { get; set; }

    public int NextOperation() => ++Operations;

    public void Acknowledge(SimBlob blob) => _blobs.Add(blob);

    /// <summary>One that nobody changes; null when there is none.</summary>
    public SimBlob? Pick(Random random, Func<SimBlob, bool> fits)
    {
        SimBlob[] candidates = [.. _blobs.Where(blob => !blob.IsTaken && fits(blob))];
        return candidates.Length == 0 ? null : candidates[random.Next(candidates.Length)];
    }

    public SimBlob? Find(BlobId id) => _blobs.FirstOrDefault(blob => blob.Id == id);

    /// <summary>An operation failed: that is allowed only while there are faults.</summary>
    public void Fail(string what)
    {
        Failures++;
        trace.Add($"failed {what}");
        Demand(HasFaults, $"{what}, though nothing is broken");
    }

    public static void Demand(bool holds, string otherwise) => SimModel.Demand(holds, otherwise);
}
