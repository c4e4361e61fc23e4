#pragma warning disable RS0030 // The real disk: here and in FileDiskFile alone the file system may be touched.
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// A folder of a real file system. Writes and syncs run on a few threads of its own, small reads on the caller's.
/// Thread safe. Dispose it after its files.
/// </summary>
public sealed class FileDisk : IDisk, IDisposable
{
    // Syncs of different files overlap in the device; more threads than this only queue there.
    private const int ThreadCount = 4;

    private readonly string _root;
    private readonly DiskThreads _threads;

    /// <summary>Creates the root folder when it is missing.</summary>
    public FileDisk(string root)
    {
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Directory.CreateDirectory(_root);
        _threads = new DiskThreads(Path.GetFileName(_root), ThreadCount);
    }

    public string Name => _root;

    public bool FileExists(string path) => File.Exists(Full(path));

    public void CreateDirectory(string path) => Guard(Full(path), full => Directory.CreateDirectory(full));

    public IReadOnlyList<string> ListFiles(string directory) => List(directory, Directory.GetFiles);

    public IReadOnlyList<string> ListDirectories(string directory) => List(directory, Directory.GetDirectories);

    public IDiskFile Open(string path, bool create)
    {
        string full = Full(path);
        SafeFileHandle? handle = null;
        Guard(full, name => handle = File.OpenHandle(
            name,
            create ? FileMode.OpenOrCreate : FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete));
        return new FileDiskFile(handle!, full, _threads);
    }

    public void Rename(string from, string to) =>
        Guard(Full(from), full => File.Move(full, Full(to), overwrite: true));

    public void Delete(string path)
    {
        string full = Full(path);
        if (File.Exists(full))
        {
            Guard(full, File.Delete);
        }
    }

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        string full = Full(directory);
        return OperatingSystem.IsLinux()
            ? _threads.RunAsync(() => DiskErrors.ThrowIf(LibC.SyncDirectory(full), "sync the folder", full))
            : ValueTask.CompletedTask;
    }

    /// <remarks>
    /// The lock is flock's, taken by .NET for a file that is not shared: the system drops it with the process.
    /// </remarks>
    public IDisposable? TryLock(string path)
    {
        string full = Full(path);
        try
        {
            return File.OpenHandle(full, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (DiskErrors.IsSharingViolation(held))
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(fault, full);
        }
    }

    /// <summary>Writes a small file atomically and durably, readable by its owner alone.</summary>
    public async ValueTask WriteSecretAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        string full = Full(path + DiskExtensions.TemporarySuffix);
        // A left-over could have other permissions, which opening would keep.
        Delete(path + DiskExtensions.TemporarySuffix);
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        Guard(full, name => new FileStream(name, options).Dispose());
        await this.WriteAtomicAsync(path, bytes, token);
    }

    /// <summary>Ends the disk's threads. Its files must be closed before.</summary>
    public void Dispose() => _threads.Dispose();

    private string Full(string path)
    {
        string full = Path.GetFullPath(Path.Combine(_root, path));
        return full == _root || full.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? full
            : throw new ArgumentException($"The path '{path}' leaves the disk's folder.");
    }

    private List<string> List(string directory, Func<string, string[]> list)
    {
        string full = Full(directory);
        List<string> names = [];
        if (Directory.Exists(full))
        {
            Guard(full, name => names.AddRange(list(name).Select(path => Path.GetFileName(path))));
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private static void Guard(string full, Action<string> action)
    {
        try
        {
            action(full);
        }
        catch (DirectoryNotFoundException missing)
        {
            throw new FileNotFoundException($"{full} is missing.", full, missing);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException and not FileNotFoundException)
        {
            throw DiskErrors.Translate(fault, full);
        }
    }
}
