namespace Ambry.Router;

/// <summary>Reads a blob of one block, which is there already.</summary>
internal sealed class SimpleBlobReader(FetchedBlock block) : IBlobReader
{
    private bool _read;

    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        if (_read)
        {
            block.Dispose();
            return ValueTask.FromResult(ReadOnlyMemory<byte>.Empty);
        }

        _read = true;
        return ValueTask.FromResult(block.Content);
    }

    public ValueTask DisposeAsync()
    {
        block.Dispose();
        return ValueTask.CompletedTask;
    }
}
