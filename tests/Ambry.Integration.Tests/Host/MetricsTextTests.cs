using System.Diagnostics.Metrics;
using Ambry.Host.Metrics;

namespace Ambry.Integration.Tests.Host;

public sealed class MetricsTextTests
{
    private static readonly KeyValuePair<string, object?> OfDisk = new("disk", "a\"b");

    [Fact]
    public void Counters_gauges_and_histograms_are_written_as_prometheus_reads_them()
    {
        using var text = new MetricsText();
        using var meter = new Meter("Ambry.MetricsTextTests");
        using var other = new Meter("Somebody.Else");
        Counter<long> bytes = meter.CreateCounter<long>("ambry.test.sent", "By", "What was sent");
        Histogram<double> times = meter.CreateHistogram<double>("ambry.test.time", "s", "How long it took");
        meter.CreateObservableUpDownCounter(
            "ambry.test.used", () => new Measurement<long>[] { new(3, OfDisk), new(4, OfDisk) });
        other.CreateCounter<long>("foreign").Add(1);

        bytes.Add(5, new KeyValuePair<string, object?>("to", "x"));
        bytes.Add(6, new KeyValuePair<string, object?>("to", "x"));
        bytes.Add(1, new KeyValuePair<string, object?>("to", "y"));
        times.Record(0.002);
        times.Record(100);
        text.Render();
        string[] lines = text.Render().Split('\n');

        lines.ShouldContain("# HELP ambry_test_sent_bytes_total What was sent");
        lines.ShouldContain("# TYPE ambry_test_sent_bytes_total counter");
        lines.ShouldContain("ambry_test_sent_bytes_total{to=\"x\"} 11");
        lines.ShouldContain("ambry_test_sent_bytes_total{to=\"y\"} 1");
        lines.ShouldContain("ambry_test_time_seconds_bucket{le=\"0.001\"} 0");
        lines.ShouldContain("ambry_test_time_seconds_bucket{le=\"0.0025\"} 1");
        lines.ShouldContain("ambry_test_time_seconds_bucket{le=\"30\"} 1");
        lines.ShouldContain("ambry_test_time_seconds_bucket{le=\"+Inf\"} 2");
        lines.ShouldContain("ambry_test_time_seconds_sum 100.002");
        lines.ShouldContain("ambry_test_time_seconds_count 2");
        lines.ShouldContain("ambry_test_used{disk=\"a\\\"b\"} 7");
        lines.ShouldNotContain(line => line.Contains("foreign", StringComparison.Ordinal));
    }
}
