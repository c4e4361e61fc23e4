namespace Ambry.Store.Compaction;

/// <summary>What one step of a hard delete pass did.</summary>
/// <param name="NextLsn">Where the next step goes on.</param>
/// <param name="Bytes">Overwritten with zeros.</param>
public readonly record struct EraseStep(
    StoreError Error, long NextLsn = 0, int Erased = 0, long Bytes = 0, bool IsPassDone = false);
