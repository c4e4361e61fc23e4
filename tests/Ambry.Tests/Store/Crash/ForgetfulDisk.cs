using Ambry.Log;
using Ambry.Testing;

namespace Ambry.Tests.Store.Crash;

/// <summary>
/// A disk that takes some syncs for done without doing them: a planted fault, to see that the crash tests can fail.
/// </summary>
/// <param name="ignoresFile">Whether a sync of the file at a path does nothing.</param>
/// <param name="ignoresFolder">Whether a sync of a folder does nothing.</param>
internal sealed class ForgetfulDisk(SimDisk disk, Func<string, bool> ignoresFile, Func<string, bool> ignoresFolder)
    : IDisk
{
    public string Name => disk.Name;

    public bool FileExists(string path) => disk.FileExists(path);

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => disk.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => disk.ListDirectories(directory);

    public IDiskFile Open(string path, bool create) =>
        ignoresFile(path) ? new File(disk.Open(path, create)) : disk.Open(path, create);

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void Delete(string path) => disk.Delete(path);

    public void DeleteDirectory(string path) => disk.DeleteDirectory(path);

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token) =>
        ignoresFolder(directory) ? ValueTask.CompletedTask : disk.SyncDirectoryAsync(directory, token);

    public IDisposable? TryLock(string path) => disk.TryLock(path);

    private sealed class File(IDiskFile file) : IDiskFile
    {
        public long LengthBytes => file.LengthBytes;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token) =>
            file.ReadAsync(offset, destination, token);

        public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token) =>
            file.WriteAsync(offset, parts, token);

        public ValueTask SyncAsync(CancellationToken token) => ValueTask.CompletedTask;

        public void Preallocate(long bytes) => file.Preallocate(bytes);

        public void Truncate(long bytes) => file.Truncate(bytes);

        public void Dispose() => file.Dispose();
    }
}
