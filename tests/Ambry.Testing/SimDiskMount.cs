using Ambry.Log;

namespace Ambry.Testing;

/// <summary>
/// A folder where one disk after the other is mounted. Files that are open stay those of the disk they were opened on.
/// Thread safe.
/// </summary>
public sealed class SimDiskMount(IDisk first) : IDisk
{
    private volatile IDisk _mounted = first;

    public IDisk Mounted
    {
        get => _mounted;
        set => _mounted = value;
    }

    public string Name => _mounted.Name;

    public long FreeBytes => _mounted.FreeBytes;

    public long TotalBytes => _mounted.TotalBytes;

    public int HungCalls => _mounted.HungCalls;

    public bool FileExists(string path) => _mounted.FileExists(path);

    public void CreateDirectory(string path) => _mounted.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => _mounted.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => _mounted.ListDirectories(directory);

    public IDiskFile Open(string path, bool create) => _mounted.Open(path, create);

    public void Rename(string from, string to) => _mounted.Rename(from, to);

    public void Delete(string path) => _mounted.Delete(path);

    public void DeleteDirectory(string path) => _mounted.DeleteDirectory(path);

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token) =>
        _mounted.SyncDirectoryAsync(directory, token);

    public IDisposable? TryLock(string path) => _mounted.TryLock(path);
}
