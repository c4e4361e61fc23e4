using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Ambry.Host.Metrics;

/// <summary>
/// Everything that this process measures, as text that Prometheus reads. Listens from its making on. Thread safe.
/// </summary>
internal sealed class MetricsText : IDisposable
{
    private const string OwnPrefix = "Ambry.";

    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly List<InstrumentSeries> _instruments = [];

    public MetricsText()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name.StartsWith(OwnPrefix, StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument, AddInstrument(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<double>(
            (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<long>(
            (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(
            (_, value, tags, state) => ((InstrumentSeries)state!).Record(value, tags));
        _listener.Start();
    }

    public string Render()
    {
        lock (_gate)
        {
            foreach (InstrumentSeries instrument in _instruments)
            {
                instrument.BeginObservation();
            }

            _listener.RecordObservableInstruments();
            var text = new StringBuilder();

            // Two parts of a process may measure under one name; Prometheus wants them together.
            foreach (var group in _instruments.GroupBy(i => i.Name, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal))
            {
                InstrumentSeries first = group.First();
                text.Append("# HELP ").Append(group.Key).Append(' ').Append(first.Description).Append('\n');
                text.Append("# TYPE ").Append(group.Key).Append(' ').Append(first.Kind).Append('\n');
                foreach (InstrumentSeries instrument in group)
                {
                    instrument.Write(text);
                }
            }

            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    internal static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private InstrumentSeries AddInstrument(Instrument instrument)
    {
        var series = new InstrumentSeries(instrument);
        lock (_gate)
        {
            _instruments.Add(series);
        }

        return series;
    }
}
