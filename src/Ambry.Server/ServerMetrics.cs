using System.Diagnostics.Metrics;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>
/// What a node counts of its peers' requests, its replicas and disks, on one meter. Tags come from closed sets:
/// operations, names of errors and states, and the node's disks. The names of the instruments are listed in
/// docs/metrics.md. Thread safe.
/// </summary>
public sealed class ServerMetrics
{
    public const string MeterName = "Ambry.Server";

    /// <summary>Counts where nobody looks: for tests, and for callers without a meter factory.</summary>
    public static readonly ServerMetrics None = new(new Meter(MeterName + ".None"));

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _refused;
    private volatile StorageNode? _node;

    public ServerMetrics(IMeterFactory factory)
        : this(factory.Create(MeterName))
    {
    }

    private ServerMetrics(Meter meter)
    {
        _duration = meter.CreateHistogram<double>(
            "ambry.server.request.duration", "s", "Time of a peer's request, from its admission to its answer");
        _refused = meter.CreateCounter<long>(
            "ambry.server.refusals", "{request}", "Requests turned away for want of room to work on them");
        meter.CreateObservableUpDownCounter(
            "ambry.server.requests", () => AtWork(gate => gate.Requests), "{request}", "Requests at work");
        meter.CreateObservableUpDownCounter(
            "ambry.server.request.bytes", () => AtWork(gate => gate.Bytes), "By", "Content of requests at work");
        meter.CreateObservableUpDownCounter(
            "ambry.server.replicas",
            () => CountBy(node => node.Replicas.Select(r => r.State.ToString())),
            "{replica}",
            "Replicas by their state");
        meter.CreateObservableUpDownCounter(
            "ambry.server.disks",
            () => CountBy(node => node.Disks.Select(d => d.State.ToString())),
            "{disk}",
            "Disks by their state");
        meter.CreateObservableUpDownCounter(
            "ambry.server.disk.free", () => OfDisks(d => d.FreeBytes), "By", "Bytes free on a disk, as probed last");
        meter.CreateObservableUpDownCounter(
            "ambry.server.disk.size", () => OfDisks(d => d.TotalBytes), "By", "Bytes of a disk's file system");
    }

    internal bool TimesRequests => _duration.Enabled;

    /// <summary>From now on the node's replicas and disks are measured.</summary>
    internal void Register(StorageNode node) => _node = node;

    internal void Unregister() => _node = null;

    internal void Served(PeerOperation operation, PeerError error, TimeSpan elapsed) =>
        _duration.Record(elapsed.TotalSeconds, Operation(operation), new("error", error.ToString()));

    internal void Refused(PeerOperation operation) => _refused.Add(1, Operation(operation));

    private static KeyValuePair<string, object?> Operation(PeerOperation operation) =>
        new("operation", operation.ToString());

    private IEnumerable<Measurement<long>> CountBy(Func<StorageNode, IEnumerable<string>> states) =>
        _node is not { } node
            ? []
            : states(node).CountBy(state => state).Select(count =>
                new Measurement<long>(count.Value, new KeyValuePair<string, object?>("state", count.Key)));

    /// <summary>Clients' requests and those of replication have gates of their own.</summary>
    private IEnumerable<Measurement<long>> AtWork(Func<AdmissionGate, long> count) =>
        _node is not { } node
            ? []
            :
            [
                new(count(node.Admission), new KeyValuePair<string, object?>("gate", "blobs")),
                new(count(node.ReplicationAdmission), new KeyValuePair<string, object?>("gate", "replication")),
            ];

    private IEnumerable<Measurement<long>> OfDisks(Func<DiskStatus, long> bytes) =>
        _node is not { } node
            ? []
            : node.Disks.Where(disk => bytes(disk) != long.MaxValue).Select(disk =>
                new Measurement<long>(bytes(disk), new KeyValuePair<string, object?>("disk", disk.MountPath)));
}
