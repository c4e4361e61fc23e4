using Ambry.Protocol;
using Ambry.Router;
using Microsoft.Extensions.Logging;

namespace Ambry.Host.Handles;

/// <summary>Finds what an id names, as far as a request may see it. Thread safe.</summary>
internal sealed class BlobLookup(
    IBlobRouter router, HandleAccounts accounts, HandleKeys keys, TimeProvider time, ILogger logger)
{
    /// <summary>The id in a request's path, which may be a signed chunk's.</summary>
    public BlobId IdOf(HandleCall call)
    {
        if (BlobId.TryParse(call.Route.Id, out var id))
        {
            return id;
        }

        return SignedChunk.TryVerify(call.Route.Id, keys)?.Id
            ?? throw new HandleException(HandleFault.InvalidBlobId, "The path is not a blob id, nor signed here.");
    }

    /// <summary>Where the blob belongs; who does not own it is not told that it exists.</summary>
    /// <exception cref="HandleException">To no account of this API; or it is a piece of another blob.</exception>
    public HandlePlace PlaceOf(BlobId id) =>
        (id.Kind == BlobKind.Chunk ? null : accounts.Find(id))
        ?? throw HandleErrorMap.ToException(RouterError.NotFound);

    /// <exception cref="HandleException">There is no such blob, or the option leaves it out.</exception>
    public async Task<FoundBlob> FindAsync(HandleCall call)
    {
        var id = IdOf(call);
        var place = PlaceOf(id);
        var option = OptionOf(call.Fields);
        var found = await router.GetPropertiesAsync(id, ReadScope.Live, call.Aborted);
        if (found.Error == RouterError.None)
        {
            return ToBlob(id, place, found, ReadScope.Live);
        }

        if (found.Error != RouterError.NotFound)
        {
            throw HandleErrorMap.ToException(found.Error);
        }

        var gone = await router.GetPropertiesAsync(id, ReadScope.IncludeDeleted, call.Aborted);
        var fault = FaultOf(gone);
        bool isIncluded = fault == HandleFault.Deleted
            ? option is ReadOption.IncludeDeleted or ReadOption.IncludeAll
            : fault == HandleFault.Expired && option is ReadOption.IncludeExpired or ReadOption.IncludeAll;
        return isIncluded && gone.Error == RouterError.None
            ? ToBlob(id, place, gone, ReadScope.IncludeDeleted)
            : throw ToException(fault);
    }

    /// <summary>What to say of a blob that an operation did not find: never there, or there once.</summary>
    public async Task<HandleException> ExplainAsync(BlobId id, RouterError error, CancellationToken token)
    {
        if (error != RouterError.NotFound)
        {
            return HandleErrorMap.ToException(error);
        }

        return ToException(FaultOf(await router.GetPropertiesAsync(id, ReadScope.IncludeDeleted, token)));
    }

    private HandleFault FaultOf(BlobPropertiesResult gone)
    {
        if (gone.Error != RouterError.None)
        {
            // Its bytes are gone too, or nobody can say: what is certain is that no live blob was found.
            return HandleFault.NotFound;
        }

        return gone.Properties!.ExpiresAt <= time.GetUtcNow() ? HandleFault.Expired : HandleFault.Deleted;
    }

    private static HandleException ToException(HandleFault fault) => fault == HandleFault.NotFound
        ? HandleErrorMap.ToException(RouterError.NotFound)
        : new HandleException(fault, fault == HandleFault.Deleted ? "The blob was deleted." : "The blob has expired.");

    private static ReadOption OptionOf(HandleFields fields)
    {
        string option = fields[HandleHeaders.GetOption] ?? "none";
        return option.ToLowerInvariant() switch
        {
            "none" => ReadOption.None,
            "include_deleted_blobs" or "include_deleted" => ReadOption.IncludeDeleted,
            "include_expired_blobs" or "include_expired" => ReadOption.IncludeExpired,
            "include_all" => ReadOption.IncludeAll,
            _ => throw new HandleException(
                HandleFault.InvalidArguments,
                $"{HandleHeaders.GetOption} is None, Include_Deleted_Blobs, Include_Expired_Blobs or Include_All."),
        };
    }

    private FoundBlob ToBlob(BlobId id, HandlePlace place, BlobPropertiesResult found, ReadScope scope)
    {
        if (HandleAnnotation.TryDecode(found.UserMetadata.Span, out var annotation))
        {
            return new FoundBlob(id, place, found.Properties!, annotation!, scope);
        }

        Log.BadAnnotation(logger, id, found.UserMetadata.Length);
        throw HandleErrorMap.ToException(RouterError.Corrupt);
    }

    private enum ReadOption
    {
        None,
        IncludeDeleted,
        IncludeExpired,
        IncludeAll,
    }
}

/// <summary>A blob that a request may see.</summary>
internal sealed record FoundBlob(
    BlobId Id, HandlePlace Place, BlobProperties Properties, HandleAnnotation Annotation, ReadScope Scope);
