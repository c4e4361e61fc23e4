using System.Globalization;

namespace Ambry.Bench;

/// <summary>What a run came to. Latencies in milliseconds.</summary>
internal sealed record LoadResult(
    string Operation, int Requests, int Errors, TimeSpan Elapsed, double[] SortedMilliseconds)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Operation}: {Requests / Elapsed.TotalSeconds:F0}/s, p50 {At(0.5):F2} ms, p99 {At(0.99):F2} ms, "
        + $"max {At(1):F1} ms, {Requests} requests, {Errors} errors");

    public double PerSecond => Requests / Elapsed.TotalSeconds;

    public double At(double quantile) => SortedMilliseconds.Length == 0
        ? 0
        : SortedMilliseconds[Math.Min(SortedMilliseconds.Length - 1, (int)(quantile * SortedMilliseconds.Length))];
}
