using System.Diagnostics.Metrics;
using System.Text;
using Ambry.ClusterMap;
using Ambry.Gateway;
using Ambry.Host.Handles;
using Ambry.Log;
using Ambry.Network;
using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Router;
using Ambry.Server;
using Ambry.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ambry.Architecture.Tests;

/// <summary>
/// Writes docs/metrics.md out of the instruments themselves: each is made and measured once, so that the page lists
/// what there is and with which tags.
/// </summary>
internal static class MetricsPage
{
    public static async Task<string> RenderAsync()
    {
        var page = new StringBuilder();
        page.Append("# Metrics\n\n");
        page.Append("Generated from the instruments and compared with them in a test; to write it anew, run the\n");
        page.Append("architecture tests with `AMBRY_UPDATE_DOCS=1`. Tags come from closed sets: operations, status\n");
        page.Append("codes, errors, and the disks of a node.\n");
        await using var instruments = await MeasuredInstruments.CollectAsync();
        foreach (var meter in instruments.All.GroupBy(measured => measured.Instrument.Meter.Name).OrderBy(m => m.Key))
        {
            page.Append("\n## ").Append(meter.Key).Append("\n\n");
            page.Append("| Instrument | Kind | Unit | Tags | What |\n|---|---|---|---|---|\n");
            foreach (var measured in meter.OrderBy(measured => measured.Instrument.Name, StringComparer.Ordinal))
            {
                Row(page, measured);
            }
        }

        return page.ToString();
    }

    private static void Row(StringBuilder page, MeasuredInstrument measured) => page
        .Append("| `").Append(measured.Instrument.Name)
        .Append("` | ").Append(KindOf(measured.Instrument))
        .Append(" | ").Append(measured.Instrument.Unit)
        .Append(" | ").AppendJoin(", ", measured.Tags.Select(tag => $"`{tag}`"))
        .Append(" | ").Append(measured.Instrument.Description).Append(" |\n");

    private static string KindOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0] switch
    {
        "ObservableUpDownCounter" => "gauge that adds up",
        "ObservableGauge" or "Gauge" => "gauge",
        var name => name.ToLowerInvariant(),
    };
}

/// <param name="Tags">Of its measurements, in order of the alphabet; null when nothing was measured.</param>
internal sealed record MeasuredInstrument(Instrument Instrument, IReadOnlyList<string> Tags);

/// <summary>Every instrument of the product, each measured at least once. Disposing closes the meters.</summary>
internal sealed class MeasuredInstruments : IAsyncDisposable
{
    private readonly Dictionary<Instrument, SortedSet<string>> _tags = [];
    private readonly MeterListener _listener = new();
    private readonly LocalMeters _meters = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ambry-metrics-");

    public IEnumerable<MeasuredInstrument> All =>
        _tags.Select(pair => new MeasuredInstrument(pair.Key, [.. pair.Value]));

    public static async Task<MeasuredInstruments> CollectAsync()
    {
        var collected = new MeasuredInstruments();
        collected.Listen();
        Measure(new GatewayMetrics(collected._meters.Create(new MeterOptions("Ambry.Gateway"))));
        Measure(new NetworkMetrics(collected._meters));
        Measure(new HandleMetrics(collected._meters.Create(new MeterOptions(HandleMetrics.MeterName))));
        var replication = new ReplicationMetrics(collected._meters);
        Measure(replication);
        collected.Observe(replication);
        var store = new StoreMetrics(collected._meters);
        Measure(store);
        await collected.ObserveAsync(store);
        var router = new RouterMetrics(collected._meters);
        Measure(router);
        var server = new ServerMetrics(collected._meters);
        Measure(server);
        await collected.ObserveAsync(server);
        return collected;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _meters.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private static void Measure(RouterMetrics metrics)
    {
        metrics.Finished("get", RouterError.None, TimeSpan.Zero);
        metrics.Hedged(AttemptReason.Hedge);
        metrics.ReadAnswered(AttemptReason.Hedge, isLocal: false);
        metrics.PutSlipped(RouterError.Busy);
        metrics.DeleteQueued();
        metrics.DeletesDone(1);
        metrics.DeleteGivenUp();
        metrics.Watch(
            new ByteBudget(1, 1, TimeSpan.Zero, TimeProvider.System),
            new BackgroundDeleter(new RouterOptions(), TimeProvider.System, NullLogger.Instance, metrics));
    }

    private static void Measure(GatewayMetrics metrics)
    {
        metrics.Finished("GetObject", 200, TimeSpan.Zero);
        metrics.Aborted("GetObject");
    }

    private static void Measure(NetworkMetrics metrics)
    {
        metrics.Finished(NetworkMetrics.Client, "Get", PeerError.None, TimeSpan.Zero);
        metrics.TimedOut("Get");
        metrics.Opened(NetworkMetrics.Client);
        metrics.ConnectionFailed(NetworkMetrics.Client);
        metrics.Sent(NetworkMetrics.Client, 1);
    }

    private static void Measure(ReplicationMetrics metrics)
    {
        metrics.Applied(PeerLink.Within, 1);
        metrics.Fetched(PeerLink.Within, 1);
        metrics.Failed(PeerLink.Within, PeerError.Unreachable);
        metrics.Corrupt(PeerLink.Within);
    }

    private static void Measure(ServerMetrics metrics)
    {
        metrics.Served(PeerOperation.Get, PeerError.None, TimeSpan.Zero);
        metrics.Refused(PeerOperation.Get);
    }

    private static void Measure(HandleMetrics metrics)
    {
        metrics.Finished("GetBlob", 200, TimeSpan.Zero);
        metrics.Aborted("GetBlob");
    }

    private static void Measure(StoreMetrics metrics)
    {
        const string disk = "/d0";
        metrics.Read(disk, TimeSpan.Zero, 1);
        metrics.Appended(disk, "put", TimeSpan.Zero, 1);
        metrics.Failed(disk, "get", StoreError.NotFound);
        metrics.Quarantined(disk);
        metrics.CorruptBlob(disk);
        metrics.IndexFlushed(disk);
        metrics.Copied(disk, 1);
        metrics.Reclaimed(disk, 1);
        metrics.Compacted(disk, TimeSpan.Zero);
        metrics.Scrubbed(disk, 1);
        metrics.ScrubError(disk);
    }

    private void Listen()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Only those of this run: other tests of the process may measure too.
            if (instrument.Meter.Scope == _meters)
            {
                _tags.Add(instrument, []);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        _listener.Start();
    }

    private void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (var tag in tags)
        {
            _tags[instrument].Add(tag.Key);
        }
    }

    /// <summary>Gauges ask an engine.</summary>
    private void Observe(ReplicationMetrics metrics)
    {
        _ = new ReplicationEngine(new ReplicationSetup
        {
            Self = new DataNodeId("localhost", 1),
            Client = new NoPeers(),
            Metrics = metrics,
        });
        _listener.RecordObservableInstruments();
    }

    /// <summary>Gauges ask a store that is open.</summary>
    private async Task ObserveAsync(StoreMetrics metrics)
    {
        var options = new BlobStoreOptions
        {
            PartitionId = new PartitionId(0),
            CapacityBytes = 1 << 20,
            SegmentBytes = 1 << 20,
            Metrics = metrics,
        };
        using var disk = new FileDisk(_folder.FullName);
        await using var store = await BlobStore.OpenAsync(
            options, disk, "0", TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        _listener.RecordObservableInstruments();
    }

    /// <summary>Gauges ask a node that is open.</summary>
    private async Task ObserveAsync(ServerMetrics metrics)
    {
        var id = new DataNodeId("localhost", 1);
        var here = new DataCenterId(1);
        var view = new ClusterView(EmbeddedLayout.Create(here, id, "/d0", 1, 1L << 30), here);
        var setup = new StorageNodeSetup(
            view, id, new StorageNodeOptions(), new RandomIdSource(), TimeProvider.System, NullLogger.Instance);
        await using StorageNode node = await StorageNode.OpenAsync(
            setup, mount => new FileDisk(_folder.FullName + mount), CancellationToken.None);
        metrics.Register(node);
        _listener.RecordObservableInstruments();
        metrics.Unregister();
    }

    private sealed class NoPeers : IReplicationClient
    {
        public ValueTask<ReplicaMetadataResponse> GetReplicaMetadataAsync(
            DataNodeId node, ReplicaMetadataRequest request, CancellationToken token) =>
            throw new InvalidOperationException();

        public ValueTask<FetchBlobsResponse> FetchBlobsAsync(
            DataNodeId node, FetchBlobsRequest request, CancellationToken token) =>
            throw new InvalidOperationException();

        public ValueTask<ClusterMapResponse> GetClusterMapAsync(
            DataNodeId node, long knownVersion, CancellationToken token) =>
            throw new InvalidOperationException();
    }

    private sealed class LocalMeters : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            _made.Add(new Meter(options));
            return _made[^1];
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}
