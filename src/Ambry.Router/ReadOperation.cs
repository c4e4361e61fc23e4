using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>Opens blobs for reading and asks for their properties. Thread safe.</summary>
internal sealed class ReadOperation(RouterServices services, BlobFetcher fetcher)
{
    public async ValueTask<OpenBlobResult> OpenAsync(
        BlobId id, long offset, long length, bool includeDeleted, CancellationToken token)
    {
        if (offset < 0 || length < 0)
        {
            return new OpenBlobResult(RouterError.BadRequest, null);
        }

        if (services.NotFounds.Contains(id))
        {
            return new OpenBlobResult(RouterError.NotFound, null);
        }

        return id.Kind == BlobKind.Composite
            ? await OpenCompositeAsync(id, offset, length, includeDeleted, token)
            : await OpenSimpleAsync(id, offset, length, includeDeleted, token);
    }

    public async ValueTask<BlobPropertiesResult> GetPropertiesAsync(
        BlobId id, bool includeDeleted, CancellationToken token)
    {
        int length = id.Kind == BlobKind.Composite ? CompositeFormat.HeaderLength : 0;
        if (services.NotFounds.Contains(id))
        {
            return new BlobPropertiesResult(RouterError.NotFound, null, default);
        }

        FetchResult result = await fetcher.FetchAsync(
            new GetBlobRequest(id, 0, length, includeDeleted, includeDeleted), length, length, token);
        using GetBlobResponse? response = result.Response;
        if (response is null)
        {
            Remember(id, result.IsAbsent);
            return new BlobPropertiesResult(result.Error, null, default);
        }

        BlobProperties properties = response.Properties!;
        if (id.Kind == BlobKind.Composite)
        {
            if (!CompositeFormat.TryReadHeader(response.Content.Span, out long totalBytes, out _))
            {
                Log.BadComposite(services.Logger, id);
                return new BlobPropertiesResult(RouterError.Corrupt, null, default);
            }

            properties = properties with { SizeBytes = totalBytes };
        }

        // The memory of the answer goes back with it: user metadata is small and is copied.
        return new BlobPropertiesResult(RouterError.None, properties, response.UserMetadata.ToArray());
    }

    /// <summary>
    /// Whole chunks while memory is easy: that takes the fewest requests. Smaller blocks while it is not, so that
    /// several times as many slow clients can be served before anybody has to wait for one of them.
    /// </summary>
    private int GetStepMax() =>
        services.Budget.IsTight ? services.Options.ReadBlockBytesMin : BlobLimits.MaxContentBytes;

    private void Remember(BlobId id, bool isAbsent)
    {
        if (isAbsent)
        {
            services.NotFounds.Add(id);
        }
    }

    private async ValueTask<OpenBlobResult> OpenSimpleAsync(
        BlobId id, long offset, long length, bool includeDeleted, CancellationToken token)
    {
        int wanted = (int)Math.Min(length, BlobLimits.MaxContentBytes);
        if (!await services.Budget.ReserveAsync(wanted, token))
        {
            return new OpenBlobResult(RouterError.Busy, null);
        }

        int reservedBytes = wanted;
        try
        {
            FetchResult result = await fetcher.FetchAsync(
                new GetBlobRequest(id, offset, wanted, includeDeleted, includeDeleted), null, wanted, token);
            if (result.Response is null)
            {
                Remember(id, result.IsAbsent);
                return new OpenBlobResult(result.Error, null);
            }

            // What the range asked for beyond the content's end goes back to the budget at once.
            reservedBytes = wanted - result.Response.Content.Length;
            return new OpenBlobResult(
                RouterError.None,
                new SimpleBlobReader(new FetchedBlock(services.Budget, result.Response.Content.Length, result)));
        }
        finally
        {
            services.Budget.Release(reservedBytes);
        }
    }

    private async ValueTask<OpenBlobResult> OpenCompositeAsync(
        BlobId id, long offset, long length, bool includeDeleted, CancellationToken token)
    {
        PartListResult list = await fetcher.FetchPartsAsync(id, includeDeleted, allowComposites: true, token);
        if (list.Error != RouterError.None)
        {
            Remember(id, list.IsAbsent);
            return new OpenBlobResult(list.Error, null);
        }

        long end = length > long.MaxValue - offset ? long.MaxValue : offset + length;
        var cursor = new CompositeCursor(fetcher, list.Parts, offset, end, GetStepMax);
        var reader = new CompositeBlobReader(services, fetcher, cursor);
        RouterError error = RouterError.Internal;
        try
        {
            error = await reader.PrimeAsync(token);
        }
        finally
        {
            if (error != RouterError.None)
            {
                await reader.DisposeAsync();
            }
        }

        return new OpenBlobResult(error, error == RouterError.None ? reader : null);
    }
}
