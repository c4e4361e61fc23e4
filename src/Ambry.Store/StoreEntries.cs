namespace Ambry.Store;

/// <summary>Records above a token, in LSN order, without gaps; empty when the caller is level.</summary>
public readonly record struct StoreEntries(StoreError Error, IReadOnlyList<StoreEntry> Entries);
