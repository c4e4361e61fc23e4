using System.Diagnostics.Metrics;
using Ambry.Protocol;

namespace Ambry.Network;

/// <summary>
/// What the transport counts, for both of its ends. Tags come from closed sets: side, operation, outcome. Thread safe.
/// </summary>
public sealed class NetworkMetrics
{
    private static readonly string[] Outcomes = [.. Enum.GetValues<PeerError>().Select(error => error.ToString())];

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _timeouts;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _connectionFailures;
    private readonly Counter<long> _bytes;

    public NetworkMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(new MeterOptions("Ambry.Network"));
        _duration = meter.CreateHistogram<double>(
            "ambry.network.request.duration", "s", "Time of a request between nodes, until its answer");
        _timeouts = meter.CreateCounter<long>(
            "ambry.network.request.timeouts", "{request}", "Requests that were given up before their answer came");
        _connections = meter.CreateUpDownCounter<long>(
            "ambry.network.connections", "{connection}", "Connections between nodes that are open");
        _connectionFailures = meter.CreateCounter<long>(
            "ambry.network.connection.failures", "{connection}", "Connections that could not be made or broke");
        _bytes = meter.CreateCounter<long>(
            "ambry.network.bytes", "By", "Bytes of frames and contents that were sent and received");
    }

    internal const string Client = "client";
    internal const string Server = "server";

    internal void Finished(string side, string operation, PeerError outcome, TimeSpan duration) => _duration.Record(
        duration.TotalSeconds,
        Tag("side", side),
        Tag("operation", operation),
        Tag("outcome", (int)outcome < Outcomes.Length ? Outcomes[(int)outcome] : "Unknown"));

    internal void TimedOut(string operation) => _timeouts.Add(1, Tag("operation", operation));

    internal void Opened(string side) => _connections.Add(1, Tag("side", side));

    internal void Closed(string side) => _connections.Add(-1, Tag("side", side));

    internal void ConnectionFailed(string side) => _connectionFailures.Add(1, Tag("side", side));

    internal void Sent(string side, long bytes) => _bytes.Add(bytes, Tag("side", side), Tag("direction", "sent"));

    internal void Received(string side, long bytes) =>
        _bytes.Add(bytes, Tag("side", side), Tag("direction", "received"));

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}
