using System.Text;

namespace Ambry.Host.Metrics;

/// <summary>The measurements of one instrument with one set of tags. Thread safe.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] tags, bool hasBuckets)
{
    /// <summary>Seconds, from a cached read to a request that is given up.</summary>
    private static readonly double[] Bounds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    private readonly Lock _gate = new();
    private readonly long[] _buckets = hasBuckets ? new long[Bounds.Length + 1] : [];
    private double _sum;

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != tags.Length)
        {
            return false;
        }

        for (int i = 0; i < tags.Length; i++)
        {
            if (tags[i].Key != others[i].Key || !Equals(tags[i].Value, others[i].Value))
            {
                return false;
            }
        }

        return true;
    }

    public void Add(double value)
    {
        lock (_gate)
        {
            _sum += value;
        }
    }

    public void Set(double value)
    {
        lock (_gate)
        {
            _sum = value;
        }
    }

    public void Observe(double value)
    {
        int bucket = 0;
        while (bucket < Bounds.Length && value > Bounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            _buckets[bucket]++;
            _sum += value;
        }
    }

    public void Write(StringBuilder text, string name)
    {
        lock (_gate)
        {
            if (!hasBuckets)
            {
                Line(text, name, null, MetricsText.Number(_sum));
                return;
            }

            long count = 0;
            for (int i = 0; i < _buckets.Length; i++)
            {
                count += _buckets[i];
                string bound = i < Bounds.Length ? MetricsText.Number(Bounds[i]) : "+Inf";
                Line(text, $"{name}_bucket", bound, MetricsText.Number(count));
            }

            Line(text, $"{name}_sum", null, MetricsText.Number(_sum));
            Line(text, $"{name}_count", null, MetricsText.Number(count));
        }
    }

    private void Line(StringBuilder text, string name, string? bound, string value)
    {
        text.Append(name);
        char before = '{';
        foreach ((string key, object? tag) in tags)
        {
            text.Append(before).Append(key.Replace('.', '_')).Append("=\"").Append(Escape(tag)).Append('"');
            before = ',';
        }

        if (bound is not null)
        {
            text.Append(before).Append("le=\"").Append(bound).Append('"');
            before = ',';
        }

        text.Append(before == '{' ? "" : "}").Append(' ').Append(value).Append('\n');
    }

    private static string Escape(object? value) => (value?.ToString() ?? "")
        .Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal)
        .Replace("\n", "\\n", StringComparison.Ordinal);
}
