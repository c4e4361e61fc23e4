namespace Ambry.Control.Cluster;

/// <summary>Everything that is wrong with what was asked, so that one run tells it all. Not thread safe.</summary>
internal sealed class Faults
{
    private readonly List<string> _all = [];

    public bool Any => _all.Count > 0;

    public void Add(string fault) => _all.Add(fault);

    /// <exception cref="UsageException">There are some.</exception>
    public void ThrowIfAny()
    {
        if (Any)
        {
            throw new UsageException(Text(_all));
        }
    }

    /// <summary>One fault in a line, more as a list.</summary>
    public static string Text(IReadOnlyList<string> faults) => faults.Count == 1
        ? faults[0]
        : $"{faults.Count} faults:\n" + string.Join('\n', faults.Select(fault => $"  {fault}"));
}
