using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>
/// One put: reads the content, keeps a bounded number of chunks on their way while it reads on, and writes the list of
/// parts last. Whatever stops it, the chunks already written are handed to the background deleter. Not thread safe.
/// </summary>
internal sealed class PutOperation(
    RouterServices services, ChunkWriter writer, BackgroundDeleter deleter, PutBlobOptions options, Stream content)
{
    private readonly ContentChunker _chunker = new(
        content, options.SizeHint, services.Options.ChunkSizeBytes, services.Budget, services.Pool);

    private readonly Queue<Task<ChunkResult>> _inFlight = new();
    private readonly List<BlobPart> _parts = [];
    private RouterError _error;

    // Read, but not yet owned by the writer.
    private ChunkBuffer? _held;

    public async ValueTask<PutBlobResult> RunAsync(CancellationToken token)
    {
        bool stored = false;
        try
        {
            PutBlobResult result = await StoreAsync(token);
            stored = result.Error == RouterError.None;
            return result;
        }
        finally
        {
            _held?.Dispose();
            if (!stored)
            {
                await AbandonAsync();
            }
        }
    }

    private async ValueTask<PutBlobResult> StoreAsync(CancellationToken token)
    {
        _held = await _chunker.NextAsync(token);
        if (_held is null)
        {
            return Failed(RouterError.Busy);
        }

        if (await _chunker.IsAtEndAsync(token))
        {
            ChunkResult simple = await writer.WriteAsync(options, BlobKind.Simple, options.UserMetadata, TakeHeld());
            return new PutBlobResult(simple.Error, simple.Id, simple.SizeBytes);
        }

        await StoreChunksAsync(token);
        if (_error != RouterError.None)
        {
            return Failed(_error);
        }

        token.ThrowIfCancellationRequested();
        return await CompositeWriter.WriteAsync(services, writer, options, _parts, token);
    }

    private async ValueTask StoreChunksAsync(CancellationToken token)
    {
        StartHeld();
        int maxParts = CompositeFormat.MaxParts(services.Options.ChunkSizeBytes);
        while (_error == RouterError.None && !await _chunker.IsAtEndAsync(token))
        {
            if (_parts.Count + _inFlight.Count >= maxParts)
            {
                _error = RouterError.BadRequest;
                return;
            }

            // The chunk being filled counts as one of those in memory.
            while (_inFlight.Count >= services.Options.ChunksInFlight - 1 && _inFlight.Count > 0)
            {
                await TakeOldestAsync();
            }

            if (_error != RouterError.None)
            {
                return;
            }

            _held = await _chunker.NextAsync(token);
            if (_held is null)
            {
                _error = RouterError.Busy;
                return;
            }

            StartHeld();
        }

        await TakeAllAsync();
    }

    private void StartHeld()
    {
        ChunkBuffer buffer = TakeHeld();
        _inFlight.Enqueue(writer.WriteAsync(options, BlobKind.Chunk, ReadOnlyMemory<byte>.Empty, buffer));
    }

    private ChunkBuffer TakeHeld()
    {
        ChunkBuffer buffer = _held!;
        _held = null;
        return buffer;
    }

    private async ValueTask TakeAllAsync()
    {
        while (_inFlight.Count > 0)
        {
            await TakeOldestAsync();
        }
    }

    private async ValueTask TakeOldestAsync()
    {
        ChunkResult chunk = await _inFlight.Dequeue();
        if (chunk.Error == RouterError.None)
        {
            _parts.Add(new BlobPart(chunk.Id, chunk.SizeBytes));
        }
        else
        {
            _error = RouterErrorMap.Combine(_error, chunk.Error);
        }
    }

    private async ValueTask AbandonAsync()
    {
        await TakeAllAsync();
        foreach (BlobPart part in _parts)
        {
            deleter.Enqueue(part.Id);
        }
    }

    private static PutBlobResult Failed(RouterError error) => new(error, default, 0);
}
