namespace Ambry.Log;

/// <summary>
/// The disk seam: one folder tree on one disk. Everything durable goes through it, so that tests can lose unsynced
/// writes, tear the last one and fail on demand. Paths are relative to the root, with '/' between names. Thread safe.
/// A fault of the device is an <see cref="IOException"/>, a <see cref="DiskException"/> where the error tells what is
/// wrong.
/// </summary>
public interface IDisk
{
    /// <summary>What an operator would call it, for logs: the root folder.</summary>
    string Name { get; }

    /// <summary>Bytes that files may still take; <see cref="long.MaxValue"/> when unknown.</summary>
    long FreeBytes => long.MaxValue;

    /// <summary>Looks whether there is room, and takes none.</summary>
    /// <exception cref="DiskFullException">There is less.</exception>
    void RequireFree(long bytes)
    {
        if (FreeBytes is long free && free < bytes)
        {
            throw new DiskFullException(
                $"{Name} has {free} bytes free; {bytes} are needed, so that deletes and compaction have room.", null);
        }
    }

    /// <summary>Size of the file system; <see cref="long.MaxValue"/> when unknown.</summary>
    long TotalBytes => long.MaxValue;

    /// <summary>
    /// Calls that failed because the device did not answer in time, and that it still has not answered. While there are
    /// any, what they were asked to write may still come.
    /// </summary>
    int HungCalls => 0;

    bool FileExists(string path);

    /// <summary>
    /// Creates the folder and its parents; durable after <see cref="SyncDirectoryAsync"/> of each parent.
    /// </summary>
    void CreateDirectory(string path);

    /// <summary>
    /// Names (not paths) of the files in a folder, in ordinal order; empty when the folder is missing.
    /// </summary>
    IReadOnlyList<string> ListFiles(string directory);

    /// <summary>
    /// Names (not paths) of the folders in a folder, in ordinal order; empty when the folder is missing.
    /// </summary>
    IReadOnlyList<string> ListDirectories(string directory);

    /// <summary>
    /// Opens for reading and writing; creates the file when it is missing and <paramref name="create"/> is set.
    /// </summary>
    /// <exception cref="FileNotFoundException">Missing, and <paramref name="create"/> is false.</exception>
    IDiskFile Open(string path, bool create);

    /// <summary>Renames over an existing target, atomically; durable after <see cref="SyncDirectoryAsync"/>.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file if it is there.</summary>
    void Delete(string path);

    /// <summary>Deletes an empty folder if it is there; durable after a sync of its parent.</summary>
    /// <exception cref="IOException">Something is in it.</exception>
    void DeleteDirectory(string path);

    /// <summary>Makes creations, renames and deletions in the folder durable.</summary>
    ValueTask SyncDirectoryAsync(string directory, CancellationToken token);

    /// <summary>
    /// Makes calls of this disk that may block for long where that does no harm; a simulated disk makes them at once.
    /// </summary>
    ValueTask CallAsync(Action<IDisk> calls)
    {
        calls(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Takes an exclusive lock that dies with the process; null when another holder has it.</summary>
    IDisposable? TryLock(string path);
}
