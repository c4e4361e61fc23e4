using Ambry.Protocol;

namespace Ambry.Log;

/// <summary>
/// One append between its caller and the append loop. Its continuation runs on the caller's synchronization context
/// when there is one, else on the thread pool: never inside the loop.
/// </summary>
internal sealed class PendingAppend : TaskCompletionSource<AppendedRecord>
{
    /// <summary>Wakes the loop without appending.</summary>
    public static readonly PendingAppend Nudge = new(default, default, default);

    private PendingAppend(LogAppend record, LogPartLengths lengths, LogPartChecksums checksums)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Record = record;
        Lengths = lengths;
        Checksums = checksums;
        SizeBytes = RecordCodec.SizeOf(lengths);
    }

    /// <summary>Appends nothing: done when all before it is on the disk.</summary>
    public bool IsSync { get; private init; }

    public LogAppend Record { get; }

    public LogPartLengths Lengths { get; }

    public LogPartChecksums Checksums { get; }

    public long SizeBytes { get; }

    /// <summary>Set by the loop when the record gets its place.</summary>
    public LogRecordHeader Header { get; set; }

    /// <summary>Set by the loop when the record gets its place.</summary>
    public LogPosition Position { get; set; }

    public static PendingAppend CreateSync() => new(default, default, default) { IsSync = true };

    /// <summary>Checksums are computed here, by the caller, so that many appenders share that work.</summary>
    public static PendingAppend Create(in LogAppend record, long maxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfZero(record.Kind);
        var lengths = new LogPartLengths(
            record.Part0.Length, record.Part1.Length, record.Part2.Length, record.Part3.Length);
        if (RecordCodec.SizeOf(lengths) > maxBytes)
        {
            throw new ArgumentException($"A record of {RecordCodec.SizeOf(lengths)} bytes exceeds {maxBytes}.");
        }

        var checksums = new LogPartChecksums(
            Crc32C.Compute(record.Part0.Span),
            Crc32C.Compute(record.Part1.Span),
            Crc32C.Compute(record.Part2.Span),
            Crc32C.Compute(record.Part3.Span));
        return new PendingAppend(record, lengths, checksums);
    }
}
