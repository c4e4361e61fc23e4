using Ambry.Log;

namespace Ambry.Tests.Store;

/// <summary>
/// A disk whose reads wait until somebody lets them go, one by one: for trying orders of events. Everything runs on the
/// caller's thread. Not thread safe.
/// </summary>
internal sealed class HeldReadsDisk(IDisk inner) : IDisk
{
    private readonly List<TaskCompletionSource> _held = [];

    public string Name => inner.Name;

    public bool HoldsReads { get; set; }

    public int Held => _held.Count;

    public void LetGo(int number)
    {
        TaskCompletionSource read = _held[number];
        _held.RemoveAt(number);
        read.SetResult();
    }

    public bool FileExists(string path) => inner.FileExists(path);

    public void CreateDirectory(string path) => inner.CreateDirectory(path);

    public IReadOnlyList<string> ListFiles(string directory) => inner.ListFiles(directory);

    public IReadOnlyList<string> ListDirectories(string directory) => inner.ListDirectories(directory);

    public IDiskFile Open(string path, bool create) => new File(this, inner.Open(path, create));

    public void Rename(string from, string to) => inner.Rename(from, to);

    public void Delete(string path) => inner.Delete(path);

    public void DeleteDirectory(string path) => inner.DeleteDirectory(path);

    public ValueTask SyncDirectoryAsync(string directory, CancellationToken token) =>
        inner.SyncDirectoryAsync(directory, token);

    public IDisposable? TryLock(string path) => inner.TryLock(path);

    private Task HoldAsync()
    {
        if (!HoldsReads)
        {
            return Task.CompletedTask;
        }

        var read = new TaskCompletionSource();
        _held.Add(read);
        return read.Task;
    }

    private sealed class File(HeldReadsDisk disk, IDiskFile inner) : IDiskFile
    {
        public long LengthBytes => inner.LengthBytes;

        public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
        {
            await disk.HoldAsync();
            return await inner.ReadAsync(offset, destination, token);
        }

        public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token) =>
            inner.WriteAsync(offset, parts, token);

        public ValueTask SyncAsync(CancellationToken token) => inner.SyncAsync(token);

        public void Preallocate(long bytes) => inner.Preallocate(bytes);

        public void Truncate(long bytes) => inner.Truncate(bytes);

        public void Dispose() => inner.Dispose();
    }
}
