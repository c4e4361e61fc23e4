namespace Ambry.Testing;

/// <summary>One file: what readers see, what is durable, and the changes between the two. Not thread safe.</summary>
internal sealed class SimNode
{
    private const int SectorBytes = 512;

    private readonly List<Change> _pending = [];
    private SimDiskBytes _durable = new();

    public SimDiskBytes Current { get; private set; } = new();

    /// <summary>Bytes the file may have before it takes more of the disk; lost in a power cut.</summary>
    public long ReservedBytes { get; set; }

    public long TakenBytes => Math.Max(Current.Length, ReservedBytes);

    public int PendingCount => _pending.Count;

    public void Write(long offset, byte[] bytes)
    {
        Current.Write(offset, bytes);
        _pending.Add(new Change(offset, bytes));
    }

    public void Truncate(long length)
    {
        Current.Truncate(length);
        _pending.Add(new Change(length, null));
    }

    /// <summary>Makes the oldest so many pending changes durable.</summary>
    public void Sync(int count)
    {
        count = Math.Min(count, _pending.Count);
        foreach (Change change in _pending[..count])
        {
            change.Apply(_durable);
        }

        _pending.RemoveRange(0, count);
    }

    /// <summary>Of the oldest so many pending changes, the writes never become durable.</summary>
    public void Forget(int count)
    {
        Change[] kept = [.. _pending.Take(count).Where(change => change.Bytes is null)];
        _pending.RemoveRange(0, Math.Min(count, _pending.Count));
        _pending.InsertRange(0, kept);
    }

    public void Replace(ReadOnlySpan<byte> bytes)
    {
        Current = new SimDiskBytes();
        Current.Write(0, bytes);
        _durable = Current.Copy();
        _pending.Clear();
    }

    /// <summary>
    /// A file of the durable bytes and, of the pending changes, whatever sectors chance lets through.
    /// </summary>
    public SimNode AfterPowerCut(Random random)
    {
        SimDiskBytes survived = _durable.Copy();
        foreach (Change change in _pending)
        {
            switch (random.Next(3))
            {
                case 0:
                    break;
                case 1:
                    change.Apply(survived);
                    break;
                default:
                    ApplyTorn(change, survived, random);
                    break;
            }
        }

        return Durable(survived);
    }

    /// <summary>The same file, pending changes and all.</summary>
    public SimNode Fork()
    {
        var fork = new SimNode { _durable = _durable.Copy(), Current = Current.Copy() };
        fork._pending.AddRange(_pending);
        return fork;
    }

    public SimNode Copy() => Durable(Current.Copy());

    private static SimNode Durable(SimDiskBytes bytes) => new() { _durable = bytes, Current = bytes.Copy() };

    private static void ApplyTorn(Change change, SimDiskBytes target, Random random)
    {
        if (change.Bytes is not { } bytes)
        {
            return;
        }

        bool prefix = random.Next(2) == 0;
        for (int from = 0; from < bytes.Length;)
        {
            int sectorEnd = (int)(((change.Offset + from) / SectorBytes * SectorBytes) + SectorBytes - change.Offset);
            int to = Math.Min(bytes.Length, sectorEnd);
            if (random.Next(2) == 0)
            {
                target.Write(change.Offset + from, bytes.AsSpan(from, to - from));
            }
            else if (prefix)
            {
                return;
            }

            from = to;
        }
    }

    /// <summary>A write, or with no bytes a truncation to the offset.</summary>
    private sealed record Change(long Offset, byte[]? Bytes)
    {
        public void Apply(SimDiskBytes target)
        {
            if (Bytes is null)
            {
                target.Truncate(Offset);
            }
            else
            {
                target.Write(Offset, Bytes);
            }
        }
    }
}
