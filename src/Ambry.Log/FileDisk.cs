#pragma warning disable RS0030 // The real disk: here and in FileDiskFile alone the file system may be touched.
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// A folder of a real file system. Reads of what is in the page cache run on the caller's thread; everything that may
/// wait for the device on a few threads of the disk, reads apart from writes and syncs, so that no read waits behind a
/// sync. Thread safe. Dispose it after its files.
/// </summary>
/// <remarks>
/// A call that the device does not answer in time fails with <see cref="DiskFault.Hung"/>. From then on, until it is
/// answered, every write and sync is refused: the bytes of the late one may come at any moment. Reads are refused once
/// all their threads are lost. Folders, renames and lengths are the caller's to wait for, or <see cref="CallAsync"/>'s.
/// </remarks>
public sealed class FileDisk : IDisk, IDisposable
{
    private readonly string _root;
    private readonly CachedReads _cached = new();
    private readonly DiskThreads _readers;
    private readonly DiskThreads _writers;

    public FileDisk(string root)
        : this(root, new FileDiskOptions())
    {
    }

    /// <summary>Creates the root folder when it is missing.</summary>
    public FileDisk(string root, FileDiskOptions options)
    {
        options.Validate();
        _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        Guard(_root, full => Directory.CreateDirectory(full));
        string name = Path.GetFileName(_root);
        (TimeProvider time, int queued) = (options.Time, options.QueuedCallsMax);
        int reads = options.ReadThreads;
        _readers = new DiskThreads(
            $"{name} reads", reads, reads, DiskRead.PieceBytes, queued, options.ReadLimit, time);
        _writers = new DiskThreads(
            $"{name} writes", options.WriteThreads, hungMax: 1, pieceBytes: 0, queued, options.WriteLimit, time);
    }

    public string Name => _root;

    public long FreeBytes => Space(drive => drive.AvailableFreeSpace);

    public long TotalBytes => Space(drive => drive.TotalSize);

    public int HungCalls => _readers.Hung + _writers.Hung;

    public bool FileExists(string path) => File.Exists(Full(path));

    public void CreateDirectory(string path) => Guard(Full(path), full => Directory.CreateDirectory(full));

    public IReadOnlyList<string> ListFiles(string directory) => List(directory, Directory.GetFiles);

    public IReadOnlyList<string> ListDirectories(string directory) => List(directory, Directory.GetDirectories);

    public IDiskFile Open(string path, bool create)
    {
        string full = Full(path);
        SafeFileHandle? handle = null;

        // Asynchronous: only such a file can be sent to a socket. On Linux it changes nothing else.
        Guard(full, name => handle = File.OpenHandle(
            name,
            create ? FileMode.OpenOrCreate : FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.ReadWrite | FileShare.Delete,
            FileOptions.Asynchronous));
        return new FileDiskFile(handle!, full, _cached, _readers, _writers);
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

    public void DeleteDirectory(string path)
    {
        string full = Full(path);
        if (Directory.Exists(full))
        {
            Guard(full, Directory.Delete);
        }
    }

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        string full = Full(directory);
        return OperatingSystem.IsLinux()
            ? _writers.RunToEndAsync(new DiskAction(
                () => DiskErrors.ThrowIf(LibC.SyncDirectory(full), "sync the folder", full)))
            : ValueTask.CompletedTask;
    }

    public ValueTask CallAsync(Action<IDisk> calls) =>
        _writers.RunToEndAsync(new DiskAction(() => calls(this)));

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
    public void Dispose()
    {
        _readers.Dispose();
        _writers.Dispose();
    }

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

    private long Space(Func<DriveInfo, long> ask)
    {
        long bytes = 0;
        Guard(_root, root => bytes = ask(new DriveInfo(root)));
        return bytes;
    }

    private void Guard(string full, Action<string> action)
    {
        try
        {
            action(full);
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException
            or DriveNotFoundException)
        {
            throw Directory.Exists(_root)
                ? new FileNotFoundException($"{full} is missing.", full, missing)
                : new DiskException(DiskFault.Gone, $"{_root} is missing: nothing is mounted there.", missing);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException)
        {
            throw DiskErrors.Translate(fault, full);
        }
    }
}
