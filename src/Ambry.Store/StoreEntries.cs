using Ambry.Protocol;

namespace Ambry.Store;

/// <summary>
/// Records above a token, in LSN order; empty when the caller is level or only dropped records follow. Each record that
/// is still there is among them, up to <paramref name="CoveredTo"/>.
/// </summary>
/// <param name="CoveredTo">
/// The next token: at least the last entry's LSN, and beyond it where compaction left nothing. The old token when the
/// store did not answer.
/// </param>
public readonly record struct StoreEntries(StoreError Error, IReadOnlyList<StoreEntry> Entries, long CoveredTo);
