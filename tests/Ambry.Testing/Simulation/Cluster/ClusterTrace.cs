using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// What happened, in order, as a hash; and as text for who wants to read it. Equal for equal seeds. For one thread
/// only.
/// </summary>
internal sealed class ClusterTrace(SimTime time, Action<string>? write)
{
    private const int Remembered = 40;

    private readonly XxHash64 _hash = new();
    private readonly Queue<string> _last = [];

    public ulong Hash => _hash.GetCurrentHashAsUInt64();

    public long Events { get; private set; }

    /// <summary>The newest events, oldest first.</summary>
    public IEnumerable<string> Last => _last;

    /// <summary>Whether somebody reads the text.</summary>
    public bool IsRead => write is not null;

    public void Add(string what)
    {
        Events++;
        _hash.Append(MemoryMarshal.AsBytes(what.AsSpan()));
        AddTime();
        string line = string.Create(CultureInfo.InvariantCulture, $"{time.Elapsed.TotalSeconds,11:F6} {what}");
        _last.Enqueue(line);
        if (_last.Count > Remembered)
        {
            _last.Dequeue();
        }

        write?.Invoke(line);
    }

    /// <summary>Text that is for readers alone, such as what the product logs.</summary>
    public void Tell(string what) => write?.Invoke(string.Create(
        CultureInfo.InvariantCulture, $"{time.Elapsed.TotalSeconds,11:F6} {what}"));

    /// <summary>Numbers that only the hash needs.</summary>
    public void Add(ulong number) => _hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in number)));

    public string ToText() => new StringBuilder().AppendJoin('\n', _last).ToString();

    private void AddTime() => Add((ulong)time.GetTimestamp());
}
