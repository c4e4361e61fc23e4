using Ambry.Log;

namespace Ambry.Testing.Simulation;

/// <summary>
/// A simulated disk whose calls take uneven time: each lets a few other continuations run before and after it, as many
/// as the seed says. So what the calls order is all that is ordered. For one thread only.
/// </summary>
public sealed class UnevenDisk(SimDisk disk, Random random) : IDisk
{
    private const int TurnsMax = 4;

    public string Name => disk.Name;

    public long FreeBytes => disk.FreeBytes;

    public long TotalBytes => disk.TotalBytes;

    public int HungCalls => disk.HungCalls;

    public bool FileExists(string path) => disk.FileExists(path);

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => disk.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => disk.ListDirectories(directory);

    public IDiskFile Open(string path, bool create) => new File(this, disk.Open(path, create));

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void Delete(string path) => disk.Delete(path);

    public void DeleteDirectory(string path) => disk.DeleteDirectory(path);

    public async ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        await WaitAsync();
        await disk.SyncDirectoryAsync(directory, token);
        await WaitAsync();
    }

    public IDisposable? TryLock(string path) => disk.TryLock(path);

    private async ValueTask WaitAsync()
    {
        for (int turns = random.Next(TurnsMax); turns > 0; turns--)
        {
            await Task.Yield();
        }
    }

    private sealed class File(UnevenDisk owner, IDiskFile file) : IDiskFile
    {
        public long LengthBytes => file.LengthBytes;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
        {
            await owner.WaitAsync();
            return await file.ReadAsync(offset, destination, token);
        }

        public async ValueTask WriteAsync(
            long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
        {
            await owner.WaitAsync();
            await file.WriteAsync(offset, parts, token);
            await owner.WaitAsync();
        }

        public async ValueTask SyncAsync(CancellationToken token)
        {
            await owner.WaitAsync();
            await file.SyncAsync(token);
            await owner.WaitAsync();
        }

        public void Preallocate(long bytes) => file.Preallocate(bytes);

        public void Truncate(long bytes) => file.Truncate(bytes);

        public void Dispose() => file.Dispose();
    }
}
