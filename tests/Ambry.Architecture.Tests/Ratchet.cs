namespace Ambry.Architecture.Tests;

/// <summary>
/// Exceptions from the tidy rules, each with its present size: "path rule size" a line. They may only shrink: a
/// larger size fails, and so does a smaller one until the file says so. Immutable.
/// </summary>
internal sealed class Ratchet
{
    private readonly SortedDictionary<(string Path, string Rule), int> _sizes;

    private Ratchet(SortedDictionary<(string Path, string Rule), int> sizes)
    {
        _sizes = sizes;
    }

    public static Ratchet Parse(string text)
    {
        var sizes = new SortedDictionary<(string, string), int>();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!line.StartsWith('#'))
            {
                var fields = line.Split(' ');
                sizes.Add((fields[0], fields[1]), int.Parse(fields[2]));
            }
        }

        return new Ratchet(sizes);
    }

    /// <summary>
    /// What is wrong: faults that are new or have grown, and exceptions that are larger than they need be.
    /// </summary>
    public IReadOnlyList<string> Compare(IEnumerable<TidyFault> faults)
    {
        var complaints = new List<string>();
        var open = new SortedDictionary<(string Path, string Rule), int>(_sizes);
        foreach (var fault in faults)
        {
            var size = open.GetValueOrDefault((fault.Path, fault.Rule));
            open.Remove((fault.Path, fault.Rule));
            if (fault.Size > size)
            {
                complaints.Add($"{fault.Path}: {fault.Rule} ({fault.Where}), {size} allowed");
            }
            else if (fault.Size < size)
            {
                complaints.Add($"{fault.Path}: {fault.Rule} has shrunk to {fault.Size}; let the ratchet say so");
            }
        }

        complaints.AddRange(open.Keys.Select(key => $"{key.Path}: {key.Rule} is gone; take it off the ratchet"));
        return complaints;
    }

    /// <summary>The same list with every exception as small as it can be; nothing is ever added.</summary>
    public string Tightened(IEnumerable<TidyFault> faults)
    {
        var lines = faults
            .Where(fault => _sizes.ContainsKey((fault.Path, fault.Rule)))
            .Select(fault => $"{fault.Path} {fault.Rule} {Math.Min(fault.Size, _sizes[(fault.Path, fault.Rule)])}")
            .Order(StringComparer.Ordinal);
        return string.Concat(lines.Select(line => line + "\n"));
    }
}
