namespace Ambry.ClusterMap;

/// <summary>Collects what is wrong with a layout; keeps the first hundred and counts the rest. Not thread safe.</summary>
internal sealed class LayoutFaults
{
    private const int MaxKept = 100;

    private readonly List<string> _kept = [];
    private int _more;

    public bool Any => _kept.Count > 0;

    public void Add(string path, string message)
    {
        if (_kept.Count < MaxKept)
        {
            _kept.Add($"{path}: {message}");
        }
        else
        {
            _more++;
        }
    }

    public IReadOnlyList<string> ToList() => _more == 0 ? [.. _kept] : [.. _kept, $"and {_more} more"];
}
