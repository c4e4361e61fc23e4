namespace Ambry.Store.Compaction;

/// <summary>Which segments are worth rewriting. Pure: the same statistics, the same answer.</summary>
public interface ICompactionPolicy
{
    /// <summary>Null when the policy is content with the store as it is.</summary>
    CompactionRange? Choose(StoreStatistics statistics);
}
