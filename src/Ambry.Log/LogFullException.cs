namespace Ambry.Log;

/// <summary>The log has reached its capacity. Nothing was written; appends succeed again after truncation.</summary>
public sealed class LogFullException(string message, Exception? inner) : IOException(message, inner);
