namespace Ambry.Log;

/// <summary>
/// What the log knows of a record without reading its parts. A record has up to four parts, each with a length and a
/// CRC-32C of its own, so that one part can be read and verified alone. Layout: docs/formats.md, "Log record".
/// </summary>
/// <param name="Kind">Free for the log's owner, 1 to 255; 0 never occurs.</param>
/// <param name="Lsn">Log sequence number: starts at 1, one more for each record of the log, never reused.</param>
public readonly record struct LogRecordHeader(byte Kind, long Lsn, LogPartLengths Lengths, LogPartChecksums Checksums);

/// <summary>Bytes of each part; 0 for an absent one.</summary>
public readonly record struct LogPartLengths(int Part0, int Part1, int Part2, int Part3);

/// <summary>CRC-32C of each part.</summary>
public readonly record struct LogPartChecksums(uint Part0, uint Part1, uint Part2, uint Part3);
