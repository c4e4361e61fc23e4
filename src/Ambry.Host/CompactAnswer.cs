using System.Text.Json;
using Ambry.Server;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host;

/// <summary>POST /compact of the admin listener: runs a round of compaction while the caller waits.</summary>
internal static class CompactAnswer
{
    public const string Path = "/compact";

    public static async Task WriteAsync(HttpContext context, Func<CancellationToken, Task<CompactionRound?>> tryCompact)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "POST";
            await AdminServer.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "use POST");
            return;
        }

        // Only a page in a browser sends it, and none has business here.
        if (context.Request.Headers.Origin.Count > 0)
        {
            await AdminServer.WriteAsync(context, StatusCodes.Status403Forbidden, "not from a web page");
            return;
        }

        CompactionRound? round;
        try
        {
            round = await tryCompact(context.RequestAborted);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await AdminServer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "stopping");
            return;
        }

        if (round is null)
        {
            await AdminServer.WriteAsync(
                context, StatusCodes.Status409Conflict, "not now: a round is running, or the node is not ready");
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(ToJson(round), context.RequestAborted);
    }

    internal static byte[] ToJson(CompactionRound round)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("cycles", round.Cycles);
            json.WriteNumber("failed", round.Failed);
            json.WriteNumber("bytesCopied", round.BytesCopied);
            json.WriteNumber("bytesFreed", round.BytesFreed);
            json.WriteStartArray("partitions");
            foreach (StoreCompaction store in round.Stores)
            {
                json.WriteStartObject();
                json.WriteNumber("partition", store.Partition.Value);
                json.WriteString("error", store.Error.ToString());
                json.WriteNumber("cycles", store.Cycles);
                json.WriteNumber("bytesCopied", store.BytesCopied);
                json.WriteNumber("bytesFreed", store.BytesFreed);
                json.WriteNumber("bytesUsed", store.UsedBytes);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
