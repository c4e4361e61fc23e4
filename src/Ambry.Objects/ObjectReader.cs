using Ambry.Router;

namespace Ambry.Objects;

/// <summary>
/// A range of an object's bytes, block by block. Not thread safe: one reader, one loop.
/// </summary>
public sealed class ObjectReader : IAsyncDisposable
{
    private readonly IBlobReader _blob;

    internal ObjectReader(IBlobReader blob)
    {
        _blob = blob;
    }

    /// <summary>The next verified block, valid until the next call; empty at the end.</summary>
    /// <exception cref="IOException">The rest cannot be had: abort what was begun with it.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken token) => _blob.ReadAsync(token);

    public ValueTask DisposeAsync() => _blob.DisposeAsync();
}
