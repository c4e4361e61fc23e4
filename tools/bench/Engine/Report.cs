using System.Text.Json;

namespace Ambry.Bench.Engine;

/// <summary>The figures of one run, and what a reader has to know beside them.</summary>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly List<Figure> _figures = [];
    private readonly List<string> _notes = [];

    /// <summary>Adds a figure, if it has samples, and shows it at once: a run takes minutes.</summary>
    public void Add(string of, string name, string unit, IEnumerable<double> samples, Target? target = null)
    {
        var figure = new Figure(of, name, unit, [.. samples], target);
        if (figure.Samples.Length == 0)
        {
            return;
        }

        _figures.Add(figure);
        Console.Error.WriteLine($"  {name}: {Figure.Show(figure.Median)} {unit} {figure.Verdict}");
    }

    public void Note(string text)
    {
        _notes.Add(text);
        Console.Error.WriteLine($"  {text}");
    }

    /// <summary>A table that a Markdown page takes as it is.</summary>
    public void Print(TextWriter to)
    {
        to.WriteLine("| Case | Figure | Median | Unit | Least … most | Target | |");
        to.WriteLine("|---|---|---:|---|---:|---:|---|");
        foreach (var figure in _figures)
        {
            to.WriteLine(
                $"| {figure.Case} | {figure.Name} | {Figure.Show(figure.Median)} | {figure.Unit} "
                + $"| {Figure.Show(figure.Min)} … {Figure.Show(figure.Max)} | {figure.Target} | {figure.Verdict} |");
        }

        foreach (string note in _notes)
        {
            to.WriteLine();
            to.WriteLine(note);
        }
    }

    public async Task WriteJsonAsync(string path, CancellationToken token)
    {
        var rows = _figures.Select(figure => new
        {
            figure.Case,
            figure.Name,
            figure.Unit,
            figure.Median,
            figure.Min,
            figure.Max,
            figure.Samples,
            Target = figure.Target?.ToString(),
            Met = figure.Target?.IsMetBy(figure.Median),
        });
        string text = JsonSerializer.Serialize(new { Figures = rows, Notes = _notes }, Indented);
        await File.WriteAllTextAsync(path, text, token);
    }
}
