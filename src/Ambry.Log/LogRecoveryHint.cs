namespace Ambry.Log;

/// <summary>
/// A record that the owner knows to have been durable, for instance the last one its index covers. Opening scans from
/// there, and fails when the log ends before it.
/// </summary>
public readonly record struct LogRecoveryHint(long Lsn, LogPosition Position);
