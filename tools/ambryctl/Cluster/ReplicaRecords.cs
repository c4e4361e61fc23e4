using System.Globalization;
using System.Runtime.CompilerServices;
using Ambry.ClusterMap.Status;
using Ambry.Protocol;

namespace Ambry.Control.Cluster;

/// <summary>
/// The records of one replica, page by page from its node's admin listener; never more than a page in memory.
/// </summary>
internal sealed class ReplicaRecords(AdminClient client, DataNodeId admin, PartitionId partition, bool withContent)
{
    /// <summary>The most that a node answers at once.</summary>
    private const int PageRecords = 4096;

    /// <summary>At most 1 GiB of chunks: seconds of a disk, and minutes of a throttled one.</summary>
    private const int PageRecordsWithContent = 256;

    private static readonly TimeSpan PageLimit = TimeSpan.FromMinutes(5);

    /// <summary>The newest record of the replica, as of the last page that was read.</summary>
    public long LastLsn { get; private set; }

    /// <exception cref="IOException">The node does not answer, or with something else.</exception>
    public async IAsyncEnumerable<RecordLine> ReadAsync([EnumeratorCancellation] CancellationToken token)
    {
        long after = 0;
        bool isEnd = false;
        while (!isEnd)
        {
            var page = await ReadPageAsync(after, token);
            foreach (RecordLine line in page.Lines)
            {
                yield return line;
            }

            if (!page.End.End && page.End.Next <= after)
            {
                throw new IOException($"partition {partition} at {admin}: a page without an end or a next record");
            }

            after = page.End.Next;
            isEnd = page.End.End;
            LastLsn = page.End.LastLsn;
        }
    }

    private async Task<(List<RecordLine> Lines, RecordsEnd End)> ReadPageAsync(long after, CancellationToken token)
    {
        int max = withContent ? PageRecordsWithContent : PageRecords;
        string path = string.Create(
            CultureInfo.InvariantCulture, $"/partitions/{partition}/blobs?after={after}&max={max}");
        AdminAnswer answer = await client.GetAsync(
            admin, withContent ? $"{path}&content=verify" : path, PageLimit, token);
        if (!answer.IsSuccess)
        {
            throw new IOException($"partition {partition} at {admin}: {answer.Problem}");
        }

        var lines = new List<RecordLine>();
        ReadOnlyMemory<byte> rest = answer.Body;
        while (!rest.IsEmpty)
        {
            int end = rest.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (RecordLine.TryParse(line.Span) is { } record)
            {
                lines.Add(record);
            }
            else if (RecordsEnd.TryParse(line.Span) is { } last && rest.IsEmpty)
            {
                return (lines, last);
            }
            else
            {
                throw new IOException($"partition {partition} at {admin}: a line that is no record");
            }
        }

        throw new IOException($"partition {partition} at {admin}: an answer without its last line");
    }
}
