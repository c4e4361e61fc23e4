namespace Ambry.Router;

/// <summary>
/// A range of a blob, block by block, in order, the next ones already on their way. Not thread safe: one reader, one
/// loop.
/// </summary>
public interface IBlobReader : IAsyncDisposable
{
    /// <summary>
    /// The next verified block, valid until the next call or disposal; empty at the end of the range.
    /// </summary>
    /// <exception cref="BlobReadException">A block could not be had from any replica.</exception>
    ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken token);
}
