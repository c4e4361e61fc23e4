using System.Text.Json;
using Ambry.Server;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>POST /compact runs a round of compaction while the caller waits, and answers what that did.</summary>
internal static class CompactRoute
{
    /// <param name="tryCompact">Null as its answer means that it cannot be done now.</param>
    public static AdminRoute Create(Func<CancellationToken, Task<CompactionRound?>> tryCompact) =>
        new("POST", "/compact", call => AnswerAsync(call, tryCompact))
        {
            // A round over full disks at the configured rate takes hours; the caller may go away before.
            Limit = Timeout.InfiniteTimeSpan,
        };

    internal static void Write(Utf8JsonWriter json, CompactionRound round)
    {
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
    }

    private static async Task AnswerAsync(AdminCall call, Func<CancellationToken, Task<CompactionRound?>> tryCompact)
    {
        CompactionRound? round;
        try
        {
            round = await tryCompact(call.Token);
        }
        catch (OperationCanceledException) when (!call.Token.IsCancellationRequested)
        {
            await call.LineAsync(StatusCodes.Status503ServiceUnavailable, "stopping");
            return;
        }

        if (round is null)
        {
            await call.LineAsync(
                StatusCodes.Status409Conflict, "not now: a round is running, or the node is not ready");
            return;
        }

        await call.JsonAsync(StatusCodes.Status200OK, json => Write(json, round));
    }
}
