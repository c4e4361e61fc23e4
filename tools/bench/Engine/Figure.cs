namespace Ambry.Bench.Engine;

/// <summary>What a figure should come to.</summary>
internal readonly record struct Target(bool AtLeast, double Value)
{
    public static Target Above(double value) => new(AtLeast: true, value);

    public static Target Below(double value) => new(AtLeast: false, value);

    public bool IsMetBy(double value) => AtLeast ? value >= Value : value < Value;

    public override string ToString() => $"{(AtLeast ? "≥" : "<")} {Figure.Show(Value)}";
}

/// <summary>
/// One measured number: a sample from each round, of which the median counts. A figure without a target is there to
/// explain the others.
/// </summary>
internal sealed record Figure(string Case, string Name, string Unit, double[] Samples, Target? Target)
{
    public double Median
    {
        get
        {
            double[] sorted = [.. Samples.Order()];
            int middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    public double Min => Samples.Min();

    public double Max => Samples.Max();

    public string Verdict => Target is not { } target ? "" : target.IsMetBy(Median) ? "met" : "NOT met";

    /// <summary>Three digits that count, and thousands set apart.</summary>
    public static string Show(double value) => Math.Abs(value) switch
    {
        >= 100 => value.ToString("N0"),
        >= 10 => value.ToString("F1"),
        _ => value.ToString("F2"),
    };
}
