namespace Ambry.Store;

/// <summary>Another process, or another store in this one, has the folder open: find it and stop one of them.</summary>
public sealed class StoreLockedException(string folder)
    : IOException($"The store in '{folder}' is open already; one folder has one owner at a time.");
