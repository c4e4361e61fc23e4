using Ambry.Log;

namespace Ambry.Control;

/// <summary>
/// A folder that nothing can be changed in: files are opened for reading alone, and every change is refused. Thread
/// safe.
/// </summary>
internal sealed class ReadOnlyDisk(string root) : IDisk
{
    public string Name => root;

    public bool FileExists(string path) => File.Exists(Full(path));

    public IReadOnlyList<string> ListFiles(string directory) => List(directory, Directory.GetFiles);

    public IReadOnlyList<string> ListDirectories(string directory) => List(directory, Directory.GetDirectories);

    /// <remarks>Shared with everybody: a running process must not notice.</remarks>
    public IDiskFile Open(string path, bool create)
    {
        string full = Full(path);
        try
        {
            return new ReadOnlyFile(File.OpenHandle(
                full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new FileNotFoundException($"{full} is missing.", full, missing);
        }
    }

    public void CreateDirectory(string path) => throw Refuse();

    public void Rename(string from, string to) => throw Refuse();

    public void Delete(string path) => throw Refuse();

    public void DeleteDirectory(string path) => throw Refuse();

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token) => throw Refuse();

    public IDisposable? TryLock(string path) => throw Refuse();

    internal static NotSupportedException Refuse() => new("This disk is for reading only.");

    private string Full(string path) => Path.Combine(root, path);

    private List<string> List(string directory, Func<string, string[]> list)
    {
        string full = Full(directory);
        List<string> names = [];
        try
        {
            names.AddRange(list(full).Select(path => Path.GetFileName(path)));
        }
        catch (DirectoryNotFoundException)
        {
            // A missing folder has nothing in it.
            return names;
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }
}
