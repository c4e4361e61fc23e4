using Ambry.Log;

namespace Ambry.Testing.Simulation.Cluster;

/// <summary>
/// The disk of one life of a simulated node: calls take a few turns, now and then time, more while it is slow, and
/// stand still while the process does. For one thread only.
/// </summary>
internal sealed class TimedDisk(SimDisk disk, SimSite site, SimTime time, Random random) : IDisk
{
    private const int TurnsMax = 3;

    /// <summary>One call in so many takes time; the others are in a cache.</summary>
    private const int TimedCallEvery = 12;

    public string Name => disk.Name;

    public long FreeBytes => disk.FreeBytes;

    public long TotalBytes => disk.TotalBytes;

    public int HungCalls => disk.HungCalls;

    /// <summary>On top of what every call takes.</summary>
    public TimeSpan Slowness { get; set; }

    public bool FileExists(string path) => disk.FileExists(path);

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => disk.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => disk.ListDirectories(directory);

    public IDiskFile Open(string path, bool create) => new File(this, disk.Open(path, create));

    public void Rename(string from, string to) => disk.Rename(from, to);

    public void Delete(string path) => disk.Delete(path);

    public async ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        await WaitAsync();
        await disk.SyncDirectoryAsync(directory, token);
        await WaitAsync();
    }

    public void DeleteDirectory(string path) => disk.DeleteDirectory(path);

    public IDisposable? TryLock(string path) => disk.TryLock(path);

    private async ValueTask WaitAsync()
    {
        await site.Running;
        if (Slowness > TimeSpan.Zero || random.Next(TimedCallEvery) == 0)
        {
            await time.WaitAsync(Slowness + TimeSpan.FromMicroseconds(50 + random.Next(2000)));
            return;
        }

        for (int turns = random.Next(TurnsMax); turns > 0; turns--)
        {
            await Task.Yield();
        }
    }

    private sealed class File(TimedDisk owner, IDiskFile file) : IDiskFile
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
