namespace Ambry.Log;

/// <summary>
/// One record on its way into the log. The parts' memory must stay unchanged until the append completes.
/// </summary>
/// <param name="Kind">1 to 255.</param>
/// <param name="Durable">Told once the record is durable by the log's mode, before the append completes.</param>
public readonly record struct LogAppend(
    byte Kind,
    ReadOnlyMemory<byte> Part0,
    ReadOnlyMemory<byte> Part1 = default,
    ReadOnlyMemory<byte> Part2 = default,
    ReadOnlyMemory<byte> Part3 = default,
    ILogAppendObserver? Durable = null);

/// <summary>
/// Told of durable records one at a time, in LSN order, on the append loop: it must be quick, must not wait and must
/// not throw. This is where an index learns of a record, so that it never leads the log and has no gaps.
/// </summary>
public interface ILogAppendObserver
{
    void OnDurable(in LogRecordHeader header, LogPosition position);
}
