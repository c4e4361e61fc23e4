using Ambry.Log;
using Ambry.Protocol;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Ambry.Tests.Log;

internal static class LogTesting
{
    public const string Folder = "logs/one";

    /// <summary>Eight segments, and one more for compaction.</summary>
    public static AppendLogOptions Reserved() => new()
    {
        SegmentBytes = AppendLogOptions.MinSegmentBytes,
        CapacityBytes = 8 * AppendLogOptions.MinSegmentBytes,
        ReserveBytes = 9 * AppendLogOptions.MinSegmentBytes,
        Ids = new FixedIds(),
    };

    public static AppendLogOptions Options(
        DurabilityMode mode = DurabilityMode.Group, int zeroAheadBytes = 0) =>
        new()
        {
            SegmentBytes = AppendLogOptions.MinSegmentBytes,
            Mode = mode,
            Ids = new FixedIds(),

            // Files end where their records do; LogZeroAheadTests has the other case.
            ZeroAheadBytes = zeroAheadBytes,
        };

    public static ValueTask<AppendLog> Open(
        IDisk disk, AppendLogOptions? options = null, LogRecoveryHint? hint = null) =>
        AppendLog.OpenAsync(disk, Folder, options ?? Options(), new FakeTimeProvider(), null, hint, default);

    public static string Segment(uint number) => $"{Folder}/{number:D10}.log";

    public static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static async Task<List<(long Lsn, byte[] Part0)>> ReadAll(IAppendLog log)
    {
        List<(long, byte[])> records = [];
        await foreach (LogRecord record in log.ReadFromAsync(log.FirstLsn, default))
        {
            records.Add((record.Header.Lsn, record.Part0.ToArray()));
        }

        return records;
    }

    /// <summary>
    /// A killed log with record 1 durable, then records 2 and on written in one batch. The appends are left unfinished
    /// in no case: all of it reached the disk.
    /// </summary>
    public static async Task<(SimDisk Disk, List<AppendedRecord> Records)> OneThenABatch(params byte[][] batch)
    {
        var disk = new SimDisk();
        AppendLog log = await Open(disk);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var syncing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        disk.SyncBarrier = release.Task;
        disk.SyncBegun = _ => syncing.TrySetResult();
        List<Task<AppendedRecord>> appends = [log.AppendAsync(new LogAppend(1, Bytes(1, 100)), default).AsTask()];
        await syncing.Task;
        appends.AddRange(batch.Select(part => log.AppendAsync(new LogAppend(1, part), default).AsTask()));
        release.SetResult();
        return (disk, [.. await Task.WhenAll(appends)]);
    }

    private sealed class FixedIds : IIdSource
    {
        public Guid NextId() => new("0e0d7d6c-6d0b-4f5c-8d54-0c5fb4c5a3b1");

        public int NextInt(int exclusiveMax) => 0;
    }
}
