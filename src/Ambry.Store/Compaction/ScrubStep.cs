namespace Ambry.Store.Compaction;

/// <summary>What one step of a scrub pass did.</summary>
/// <param name="Bytes">Read from the disk and verified.</param>
/// <param name="IsPassDone">Whether the next step begins a new pass.</param>
public readonly record struct ScrubStep(
    StoreError Error, long Bytes = 0, int Records = 0, int Damaged = 0, bool IsPassDone = false);
