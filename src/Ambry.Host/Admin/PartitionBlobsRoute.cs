using Ambry.ClusterMap.Status;
using Ambry.Protocol;
using Ambry.Server;
using Microsoft.AspNetCore.Http;

namespace Ambry.Host.Admin;

/// <summary>
/// GET /partitions/{partition}/blobs?after=LSN&amp;max=N answers the records of a replica as JSON lines, with
/// content=verify having read and checked what they store. The last line says where to go on; an answer without it was
/// cut short.
/// </summary>
internal static class PartitionBlobsRoute
{
    private const long RecordsDefault = 1000;

    /// <summary>A page of the largest blobs is 16 GiB to read.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    public static AdminRoute Create(Func<StorageNode?> storage) =>
        new("GET", "/partitions/{}/blobs", StorageRoutes.On(storage, AnswerAsync)) { Limit = Limit };

    private static async Task AnswerAsync(AdminCall call, StorageNode node)
    {
        string content = call.Context.Request.Query["content"].ToString();
        if (call.TryPartition(0) is not { } partition
            || !call.TryNumber("after", 0, out long after)
            || !call.TryNumber("max", RecordsDefault, out long max)
            || max is < 1 or > StorageNode.MaxPageRecords
            || content is not ("" or "verify"))
        {
            await call.BadRequestAsync(
                $"give a partition, after=LSN, max=1 to {StorageNode.MaxPageRecords}, and content=verify or nothing");
            return;
        }

        BlobPage page = await node.ListBlobsAsync(partition, after, (int)max, content.Length > 0, call.Token);
        if (page.Error != PeerError.None)
        {
            await StorageRoutes.AnswerAsync(call, page.Error);
            return;
        }

        using var lines = new MemoryStream();
        foreach (BlobRecord record in page.Records)
        {
            lines.Write(RecordLine.Of(record.Entry, ToWord(record.Content)).ToJson());
            lines.WriteByte((byte)'\n');
        }

        bool isEnd = page.Records.Count == 0 || page.NextLsn >= page.LastLsn;
        lines.Write(new RecordsEnd(page.NextLsn, isEnd, page.LastLsn).ToJson());
        lines.WriteByte((byte)'\n');
        await call.BytesAsync(StatusCodes.Status200OK, "application/x-ndjson", lines.ToArray());
    }

    /// <summary>A put that was deleted or has expired since has no content that anybody could ask for.</summary>
    private static string? ToWord(PeerError? content) => content switch
    {
        null or PeerError.Deleted or PeerError.Expired => null,
        PeerError.None => RecordLine.ContentOk,
        PeerError.NotFound => RecordLine.ContentMissing,
        _ => RecordLine.ContentCorrupt,
    };
}
