using System.Text.Json;
using System.Text.Json.Serialization;
using Ambry.Protocol;
using Ambry.Router;

namespace Ambry.Host.Handles;

/// <summary>
/// POST /stitch: makes one blob of chunks that were uploaded here, without copying them. Until it is whole everything
/// expires by itself: the list is written to live as long as its chunks, and only then all are let live as long as was
/// asked, chunks first. Thread safe.
/// </summary>
internal sealed class BlobStitches(
    IBlobRouter router, UploadHeads heads, HandleKeys keys, HandleOptions options, TimeProvider time)
{
    public async Task HandleAsync(HandleCall call)
    {
        if (call.Fields.Flag(HandleHeaders.ChunkUpload))
        {
            throw new HandleException(HandleFault.InvalidArguments, "What was stitched is no chunk.");
        }

        var head = heads.Read(call.Fields);
        var chunks = Verify(await ReadAsync(call), head, call.Fields[HandleHeaders.Session]);
        var chunksExpireAt = chunks.Min(c => c.ExpiresAt);
        bool outlivesChunks = head.ExpiresAt is null || head.ExpiresAt > chunksExpireAt;
        var provisional = outlivesChunks ? head with { ExpiresAt = chunksExpireAt } : head;
        var parts = chunks.ConvertAll(c => new BlobPart(c.Id, c.SizeBytes));
        var put = await router.StitchAsync(provisional.ToOptions(sizeHint: null), parts, call.Aborted);
        Require(put.Error);
        if (outlivesChunks)
        {
            await LetLiveAsync(put.Id, head.ExpiresAt);
        }

        BlobUploads.Answer(call, head, put, "/" + put.Id);
    }

    /// <summary>Not cancellable: a client that hangs up now must not leave it half done.</summary>
    private async Task LetLiveAsync(BlobId id, DateTimeOffset? expiresAt)
    {
        var error = await router.UpdateTtlAsync(id, expiresAt, CancellationToken.None);
        if (error != RouterError.None)
        {
            // Nobody is told this id. If it stays it expires, unless its list was let live after all.
            await router.DeleteAsync(id, DeleteScope.MetadataBlobOnly, CancellationToken.None);
        }

        Require(error);
    }

    private static void Require(RouterError error)
    {
        if (error != RouterError.None)
        {
            // A chunk that is not there any more was named by the client.
            throw error == RouterError.NotFound
                ? new HandleException(HandleFault.BadRequest, "A chunk is gone.")
                : HandleErrorMap.ToException(error);
        }
    }

    private static HandleException Invalid(string message) => new(HandleFault.BadRequest, message);

    private async Task<List<string>> ReadAsync(HandleCall call)
    {
        var request = call.Http.Request;
        if (request.ContentLength > options.StitchDocumentBytesMax)
        {
            throw TooLarge();
        }

        try
        {
            await using var body = new UploadBody(request.Body, announcedBytes: null, options.StitchDocumentBytesMax);
            var document = await JsonSerializer.DeserializeAsync(body, StitchJson.Default.StitchDocument, call.Aborted);
            return document?.SignedChunkIds is { Count: > 0 } ids && !ids.Contains(null!)
                ? ids
                : throw Invalid("The document lists no signed chunk ids.");
        }
        catch (JsonException)
        {
            throw Invalid("The body is not {\"signedChunkIds\": [...]}.");
        }
        catch (HandleException fault) when (fault.Fault == HandleFault.TooLarge)
        {
            throw TooLarge();
        }
    }

    private HandleException TooLarge() =>
        new(HandleFault.TooLarge, $"A list of chunks has at most {options.StitchDocumentBytesMax} bytes.");

    private List<SignedChunk> Verify(List<string> ids, UploadHead head, string? session)
    {
        if (ids.Count > options.StitchChunksMax)
        {
            throw Invalid($"At most {options.StitchChunksMax} chunks can be stitched.");
        }

        var chunks = ids.ConvertAll(Verify);
        var first = chunks[0];
        var now = time.GetUtcNow();
        for (int i = 0; i < chunks.Count; i++)
        {
            var chunk = chunks[i];
            bool isLast = i == chunks.Count - 1;
            if (chunk.Session != (session ?? first.Session))
            {
                throw Invalid("All chunks belong to one session.");
            }

            if (chunk.Id.Account != head.Place.Account.Id || chunk.Id.Container != head.Place.Container.Id)
            {
                throw Invalid("All chunks belong to the account and container of the blob.");
            }

            if (isLast ? chunk.SizeBytes > first.SizeBytes : chunk.SizeBytes != first.SizeBytes)
            {
                throw Invalid("All chunks but the last are of one size, and the last is no larger.");
            }

            if (chunk.ExpiresAt <= now)
            {
                throw new HandleException(HandleFault.Expired, "A chunk has expired.");
            }
        }

        return chunks.DistinctBy(c => c.Id).Count() == chunks.Count
            ? chunks
            : throw Invalid("A chunk is listed twice.");
    }

    private SignedChunk Verify(string text)
    {
        string id = text.StartsWith(HandleRoute.SignedIdPrefix, StringComparison.Ordinal)
            ? text[HandleRoute.SignedIdPrefix.Length..]
            : text;
        return SignedChunk.TryVerify(id, keys)
            ?? throw new HandleException(HandleFault.Forbidden, "A chunk id was not signed here.");
    }
}

/// <summary>The original's document.</summary>
internal sealed record StitchDocument(List<string>? SignedChunkIds);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 4)]
[JsonSerializable(typeof(StitchDocument))]
internal sealed partial class StitchJson : JsonSerializerContext;
