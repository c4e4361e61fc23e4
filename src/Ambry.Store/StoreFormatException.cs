namespace Ambry.Store;

/// <summary>
/// The folder is not a store of this partition that this version can read: check the configuration, or replace the
/// replica. Nothing in the folder was changed.
/// </summary>
public sealed class StoreFormatException(string message) : Exception(message);
