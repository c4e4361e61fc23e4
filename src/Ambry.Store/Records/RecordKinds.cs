using Ambry.Protocol;

namespace Ambry.Store.Records;

/// <summary>Kinds of log records beside those of <see cref="StoreRecordKind"/>.</summary>
internal static class RecordKinds
{
    /// <summary>
    /// A PUT whose metadata and content were overwritten with zeros. Only a log header says so: the index keeps the
    /// PUT, and who reads the record learns it.
    /// </summary>
    public const byte ErasedPut = 5;
}
