using Ambry.Log;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Server;

/// <summary>A disk whose calls tell its health how they ended. Thread safe as the disk is; owns nothing.</summary>
internal sealed class ObservedDisk(IDisk disk, DiskHealth health) : IDisk
{
    public string Name => disk.Name;

    public long FreeBytes => disk.FreeBytes;

    public long TotalBytes => disk.TotalBytes;

    public int HungCalls => disk.HungCalls;

    public void RequireFree(long bytes)
    {
        try
        {
            disk.RequireFree(bytes);
        }
        catch (IOException fault)
        {
            health.OnFault(fault, isWrite: true, bytes);
            throw;
        }
    }

    public bool FileExists(string path) => disk.FileExists(path);

    public void CreateDirectory(string path) => Change(() => disk.CreateDirectory(path));

    public IReadOnlyList<string> ListFiles(string directory) => Read(() => disk.ListFiles(directory));

    public IReadOnlyList<string> ListDirectories(string directory) => Read(() => disk.ListDirectories(directory));

    public IDiskFile Open(string path, bool create) => new File(Read(() => disk.Open(path, create)), health);

    public void Rename(string from, string to) => Change(() => disk.Rename(from, to));

    public void Delete(string path) => Change(() => disk.Delete(path));

    public void DeleteDirectory(string path) => Change(() => disk.DeleteDirectory(path));

    public async ValueTask SyncDirectoryAsync(string directory, CancellationToken token)
    {
        try
        {
            await disk.SyncDirectoryAsync(directory, token);
            health.OnWritten();
        }
        catch (IOException fault)
        {
            health.OnFault(fault, isWrite: true, 0);
            throw;
        }
    }

    public ValueTask CallAsync(Action<IDisk> calls) => disk.CallAsync(_ => calls(this));

    public IDisposable? TryLock(string path) => Read(() => disk.TryLock(path));

    // No success is told: creating folders and listing them works on disks that hold no more data.
    private void Change(Action call)
    {
        try
        {
            call();
        }
        catch (IOException fault)
        {
            health.OnFault(fault, isWrite: true, 0);
            throw;
        }
    }

    private T Read<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (IOException fault)
        {
            health.OnFault(fault, isWrite: false, 0);
            throw;
        }
    }

    private sealed class File(IDiskFile file, DiskHealth health) : IDiskFile
    {
        public long LengthBytes => file.LengthBytes;

        public SafeFileHandle? Handle => file.Handle;

        // Without a state machine where the bytes were at hand: nearly every read.
        public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
        {
            ValueTask<int> read;
            try
            {
                read = file.ReadAsync(offset, destination, token);
            }
            catch (IOException fault)
            {
                health.OnFault(fault, isWrite: false, 0);
                throw;
            }

            if (!read.IsCompletedSuccessfully)
            {
                return FinishAsync(read);
            }

            health.OnRead();
            return read;
        }

        public async ValueTask WriteAsync(
            long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
        {
            try
            {
                // No success is told: it is in memory, whatever has become of the disk. A sync says more.
                await file.WriteAsync(offset, parts, token);
            }
            catch (IOException fault)
            {
                health.OnFault(fault, isWrite: true, parts.Sum(part => (long)part.Length));
                throw;
            }
        }

        public async ValueTask SyncAsync(CancellationToken token)
        {
            try
            {
                await file.SyncAsync(token);
                health.OnWritten();
            }
            catch (IOException fault)
            {
                health.OnFault(fault, isWrite: true, 0);
                throw;
            }
        }

        public async ValueTask WriteAndSyncAsync(
            long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
        {
            try
            {
                await file.WriteAndSyncAsync(offset, parts, token);
                health.OnWritten();
            }
            catch (IOException fault)
            {
                health.OnFault(fault, isWrite: true, parts.Sum(part => (long)part.Length));
                throw;
            }
        }

        public void Preallocate(long bytes) => Change(() => file.Preallocate(bytes), bytes);

        public void Truncate(long bytes) => Change(() => file.Truncate(bytes), 0);

        public void Dispose() => file.Dispose();

        private async ValueTask<int> FinishAsync(ValueTask<int> read)
        {
            try
            {
                int count = await read;
                health.OnRead();
                return count;
            }
            catch (IOException fault)
            {
                health.OnFault(fault, isWrite: false, 0);
                throw;
            }
        }

        private void Change(Action call, long bytes)
        {
            try
            {
                call();
            }
            catch (IOException fault)
            {
                health.OnFault(fault, isWrite: true, bytes);
                throw;
            }
        }
    }
}
