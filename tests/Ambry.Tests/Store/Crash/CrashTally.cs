using Ambry.Store.Compaction;

namespace Ambry.Tests.Store.Crash;

/// <summary>What the compactions and erasures of a script came to. For one thread.</summary>
internal sealed class CrashTally
{
    public int Cycles { get; private set; }

    /// <summary>Cycles that ended within their range because the target was full: a source is trimmed.</summary>
    public int FullTargets { get; private set; }

    /// <summary>Cycles that kept nothing.</summary>
    public int EmptyTargets { get; private set; }

    public long Kept { get; private set; }

    public long Dropped { get; private set; }

    public int Erased { get; set; }

    public void Add(CompactionResult result)
    {
        Cycles++;
        FullTargets += result.IsRangeDone ? 0 : 1;
        EmptyTargets += result.RecordsKept == 0 && result.RecordsDropped > 0 ? 1 : 0;
        Kept += result.RecordsKept;
        Dropped += result.RecordsDropped;
    }

    public override string ToString() =>
        $"{Cycles} cycles ({FullTargets} with a full target, {EmptyTargets} that kept nothing), {Kept} records kept, "
            + $"{Dropped} dropped, {Erased} erased";
}
