using System.Diagnostics.Metrics;
using System.Text;

namespace Ambry.Host.Metrics;

/// <summary>What one instrument measured, a series for each set of tags. Thread safe.</summary>
internal sealed class InstrumentSeries
{
    /// <summary>Tags come from closed sets; this is where a mistake there ends.</summary>
    private const int SeriesMax = 10_000;

    private readonly Lock _gate = new();
    private readonly bool _isObservable;
    private readonly bool _isGauge;
    private readonly bool _hasBuckets;
    private volatile MetricSeries[] _all = [];

    public InstrumentSeries(Instrument instrument)
    {
        string type = instrument.GetType().Name.Split('`')[0];
        bool isHistogram = type == "Histogram";
        bool isCounter = type.EndsWith("Counter", StringComparison.Ordinal)
            && !type.EndsWith("UpDownCounter", StringComparison.Ordinal);
        Name = NameOf(instrument, isCounter);
        Description = (instrument.Description ?? "").ReplaceLineEndings(" ");
        Kind = isHistogram ? "histogram" : isCounter ? "counter" : "gauge";
        _isObservable = instrument.IsObservable;
        _isGauge = type.EndsWith("Gauge", StringComparison.Ordinal);
        _hasBuckets = isHistogram;
    }

    public string Name { get; }

    public string Description { get; }

    public string Kind { get; }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Find(_all, tags) is { } series || (series = TryAdd(tags)) is not null)
        {
            if (_hasBuckets)
            {
                series.Observe(value);
            }
            else if (_isGauge)
            {
                series.Set(value);
            }
            else
            {
                series.Add(value);
            }
        }
    }

    /// <summary>What is asked for at each look begins anew: several sources may add up under one set of tags.</summary>
    public void BeginObservation()
    {
        if (_isObservable)
        {
            lock (_gate)
            {
                _all = [];
            }
        }
    }

    public void Write(StringBuilder text)
    {
        foreach (MetricSeries series in _all)
        {
            series.Write(text, Name);
        }
    }

    private static MetricSeries? Find(MetricSeries[] all, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (MetricSeries series in all)
        {
            if (series.Has(tags))
            {
                return series;
            }
        }

        return null;
    }

    private MetricSeries? TryAdd(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (Find(_all, tags) is { } present)
            {
                return present;
            }

            if (_all.Length >= SeriesMax)
            {
                return null;
            }

            var made = new MetricSeries(tags.ToArray(), _hasBuckets);
            _all = [.. _all, made];
            return made;
        }
    }

    /// <summary>As Prometheus names things: the unit, and "total" for what only grows.</summary>
    private static string NameOf(Instrument instrument, bool isCounter)
    {
        string unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        string name = instrument.Name.Replace('.', '_').Replace('-', '_');
        name = name.EndsWith(unit, StringComparison.Ordinal) ? name : name + unit;
        return isCounter ? name + "_total" : name;
    }
}
