namespace Ambry.Metadata.Engine;

/// <summary>
/// The shard's engine has stopped for a fault that reopening did not cure. Nothing acknowledged is lost: the log has
/// it. Dispose of the engine and open the shard again, or serve it from a peer.
/// </summary>
internal sealed class ShardFailedException(string message, Exception inner) : IOException(message, inner);
