namespace Ambry.Replication;

/// <summary>One of the loops that replication consists of; somebody else drives it. One caller at a time.</summary>
public sealed class ReplicationWorker
{
    private readonly Func<CancellationToken, ValueTask<int>> _run;

    internal ReplicationWorker(string name, Func<CancellationToken, ValueTask<int>> run)
    {
        Name = name;
        _run = run;
    }

    /// <summary>What it is called in logs.</summary>
    public string Name { get; }

    /// <summary>
    /// Does what is most urgent and due, for one peer. Answers how much it brought forward; after 0 the caller pauses.
    /// Failures of peers and disks are reported and retried later; what is thrown is cancellation or a defect.
    /// </summary>
    public ValueTask<int> RunOnceAsync(CancellationToken token) => _run(token);
}
