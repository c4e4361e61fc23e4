namespace Ambry.Testing.Simulation;

/// <summary>
/// What one name may mean, by real time: a value may be seen unless a write that was acknowledged before the look began
/// had begun after the value's own write had ended. A write whose outcome is open never ends. Null stands for absent.
/// </summary>
internal sealed class SimRegister
{
    private readonly List<Write> _writes = [new Write(0) { End = 0, HasValue = true, IsAcknowledged = true }];

    /// <summary>A write begins; what it writes may be told later.</summary>
    public Write Begin(long now)
    {
        var write = new Write(now);
        _writes.Add(write);
        return write;
    }

    public Write Begin(long now, string? value)
    {
        var write = Begin(now);
        write.Set(value);
        return write;
    }

    /// <summary>A write is known to have had no effect.</summary>
    public void Withdraw(Write write) => _writes.Remove(write);

    public bool Allows(string? value, long start, long end) => AllowsAny(seen => seen == value, start, end);

    /// <summary>Whether some value that is wanted may be seen.</summary>
    public bool AllowsAny(Func<string?, bool> isWanted, long start, long end) =>
        _writes.Any(write => write.HasValue && isWanted(write.Value) && IsCandidate(write, start, end));

    /// <summary>What is seen while nothing runs is what it is from now on.</summary>
    public void Settle(string? value, long now)
    {
        _writes.Clear();
        _writes.Add(new Write(now) { End = now, HasValue = true, Value = value, IsAcknowledged = true });
    }

    public string Describe(long start, long end) => string.Join(
        ", ", _writes.Where(w => w.HasValue && IsCandidate(w, start, end)).Select(w => w.Value ?? "absent"));

    private bool IsCandidate(Write write, long start, long end) =>
        write.Start < end
        && (!write.IsPassing || start < write.End)
        && !_writes.Any(later => later.IsAcknowledged && later.Start > write.End && later.End < start);

    internal sealed class Write(long start)
    {
        public long Start { get; } = start;

        public long End { get; set; } = long.MaxValue;

        public bool IsAcknowledged { get; set; }

        /// <summary>Seen only by looks that began before it ended: a deletion that was taken back.</summary>
        public bool IsPassing { get; set; }

        public bool HasValue { get; set; }

        public string? Value { get; set; }

        public void Set(string? value)
        {
            HasValue = true;
            Value = value;
        }

        public void Acknowledge(long now)
        {
            End = now;
            IsAcknowledged = true;
        }
    }
}
