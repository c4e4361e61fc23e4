namespace Ambry.Log;

/// <summary>Stored bytes fail their checksum or do not form a record: fetch them from a replica, or restore.</summary>
public sealed class CorruptRecordException(string message) : IOException(message);
