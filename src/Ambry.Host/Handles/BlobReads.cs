using System.Globalization;
using System.IO.Pipelines;
using Ambry.Router;
using Ambry.S3.Conditions;
using Ambry.S3.Names;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Handles;

/// <summary>
/// GET and HEAD of a blob and of what is known of it. The first block is there before 200 is said; after that a
/// failure can only cut the connection. Thread safe.
/// </summary>
internal sealed class BlobReads(IBlobRouter router, BlobLookup lookup, BlobHeaders headers)
{
    /// <summary>The server copies what it is given: a slow client shall hold one slice twice, not all.</summary>
    private const int SliceBytesMax = 256 * 1024;

    public async Task GetInfoAsync(HandleCall call)
    {
        var blob = await lookup.FindAsync(call);
        BlobHeaders.ApplyInfo(call, blob);
        headers.ApplyCaching(call, blob);
    }

    public async Task GetUserMetadataAsync(HandleCall call)
    {
        var blob = await lookup.FindAsync(call);
        BlobHeaders.ApplyUserMetadata(call, blob);
        headers.ApplyCaching(call, blob);
    }

    public async Task GetAsync(HandleCall call)
    {
        var blob = await lookup.FindAsync(call);
        if (IsUnchanged(call, blob))
        {
            call.Http.Response.StatusCode = StatusCodes.Status304NotModified;
            headers.ApplyCaching(call, blob);
            return;
        }

        var range = RangeOf(call, blob);
        if (call.IsHead || range.Length == 0)
        {
            Apply(call, blob, range);
            return;
        }

        var opened = await router.OpenReadAsync(blob.Id, range.Offset, range.Length, blob.Scope, call.Aborted);
        if (opened.Error != RouterError.None)
        {
            throw await lookup.ExplainAsync(blob.Id, opened.Error, call.Aborted);
        }

        await using var reader = opened.Reader!;
        var block = await reader.ReadAsync(call.Aborted);
        Apply(call, blob, range);
        await SendAsync(call, reader, block, range.Length);
    }

    private static bool IsUnchanged(HandleCall call, FoundBlob blob) =>
        S3Dates.TryParseHttp(call.Http.Request.Headers.IfModifiedSince.ToString(), out var since)
        && blob.Annotation.CreatedAt.ToUnixTimeSeconds() <= since.ToUnixTimeSeconds();

    private static ByteRange RangeOf(HandleCall call, FoundBlob blob)
    {
        long size = blob.Properties.SizeBytes;
        var request = call.Http.Request.Headers;

        // Blobs have no tags: only a date can say that the client resumes the same one.
        bool isSame = IfRange.Permits(request.IfRange.ToString(), "\0", blob.Annotation.CreatedAt);
        var range = RangeHeader.Parse(isSame ? request.Range.ToString() : null, size);
        return range.Kind != ByteRangeKind.Unsatisfiable
            ? range
            : throw new HandleException(HandleFault.RangeNotSatisfiable, "The blob has no such bytes.")
            {
                Headers = [new("Content-Range", string.Create(CultureInfo.InvariantCulture, $"bytes */{size}"))],
            };
    }

    private void Apply(HandleCall call, FoundBlob blob, ByteRange range)
    {
        BlobHeaders.ApplyInfo(call, blob);
        headers.ApplyContent(call, blob);
        var response = call.Http.Response;
        response.ContentLength = range.Length;
        if (range.Kind == ByteRangeKind.Single)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture,
                $"bytes {range.Offset}-{range.Offset + range.Length - 1}/{blob.Properties.SizeBytes}");
        }
    }

    private static async Task SendAsync(HandleCall call, IBlobReader reader, ReadOnlyMemory<byte> block, long length)
    {
        var output = call.Http.Response.BodyWriter;
        long rest = length;
        while (rest > 0)
        {
            if (block.IsEmpty || block.Length > rest)
            {
                throw new InvalidDataException($"The blob's bytes do not fit its length: {rest} of {length} are due.");
            }

            await SendAsync(call, output, block);
            rest -= block.Length;
            block = rest > 0 ? await reader.ReadAsync(call.Aborted) : default;
        }
    }

    private static async Task SendAsync(HandleCall call, PipeWriter output, ReadOnlyMemory<byte> block)
    {
        while (!block.IsEmpty)
        {
            var slice = block[..Math.Min(block.Length, SliceBytesMax)];

            // Returns only when the client's window has room again.
            var flushed = await output.WriteAsync(slice, call.Aborted);
            if (flushed.IsCompleted || flushed.IsCanceled)
            {
                throw new ConnectionAbortedException("The client went away.");
            }

            call.BytesSent += slice.Length;
            block = block[slice.Length..];
        }
    }
}
