using Ambry.Log;
using static Ambry.Tests.Log.LogTesting;

namespace Ambry.Tests.Log;

/// <summary>What a compaction does with the log, without an index.</summary>
internal static class RewriteTesting
{
    public const string Manifest = $"{Folder}/manifest";

    public static string Compacted(uint number) => Segment(LogSegmentState.FirstCompactedNumber + number);

    public static async Task<List<AppendedRecord>> Append(AppendLog log, int count, int bytes)
    {
        List<AppendedRecord> records = [];
        for (int i = 0; i < count; i++)
        {
            records.Add(await log.AppendAsync(new LogAppend(1, Bytes((int)log.DurableLsn + 1, bytes)), default));
        }

        return records;
    }

    /// <summary>One cycle from the first live record of a segment; answers up to which LSN it came.</summary>
    public static async Task<long> Rewrite(AppendLog log, uint segment, Func<long, bool> keep, long? upTo = null)
    {
        await using ILogRewrite rewrite = await log.BeginRewriteAsync(segment, default);
        long done = await Copy(log, rewrite, keep, upTo ?? (log.Segments[^1].FirstLsn - 1));
        await rewrite.SealAsync(default);
        await rewrite.CommitAsync(done, default);
        await rewrite.ReleaseSourcesAsync(default);
        return done;
    }

    /// <summary>Copies what is to be kept; answers up to which LSN the target has it.</summary>
    public static async Task<long> Copy(
        AppendLog log,
        ILogRewrite rewrite,
        Func<long, bool> keep,
        long upTo,
        Dictionary<long, LogPosition>? positions = null)
    {
        await foreach (LogRecord record in log.ReadFromAsync(rewrite.FirstLsn, default))
        {
            if (record.Header.Lsn > upTo)
            {
                break;
            }

            if (!keep(record.Header.Lsn))
            {
                positions?.Remove(record.Header.Lsn);
                continue;
            }

            if (await rewrite.TryCopyAsync(record.Position, default) is not { } copied)
            {
                return record.Header.Lsn - 1;
            }

            positions?[record.Header.Lsn] = copied.Position;
        }

        return upTo;
    }

    public static async Task<List<long>> Lsns(IAppendLog log) => [.. (await ReadAll(log)).Select(one => one.Lsn)];
}
