#pragma warning disable RS0030 // The real disk: here and in FileDisk alone the file system may be touched.
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>An open file of a <see cref="FileDisk"/>: positional system calls on one handle. Thread safe.</summary>
internal sealed class FileDiskFile(SafeFileHandle handle, string path, DiskThreads threads) : IDiskFile
{
    // Copying this from the page cache takes some 30 microseconds, about what a hop to another thread costs.
    private const int InlineReadBytes = 256 * 1024;

    public long LengthBytes
    {
        get
        {
            try
            {
                return RandomAccess.GetLength(handle);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw DiskErrors.Translate(fault, path);
            }
        }
    }

    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return destination.Length > InlineReadBytes
            ? ReadLargeAsync(offset, destination, token)
            : ValueTask.FromResult(Read(offset, destination.Span));
    }

    public async ValueTask WriteAsync(
        long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        await threads.RunAsync(() =>
        {
            try
            {
                RandomAccess.Write(handle, parts, offset);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                throw DiskErrors.Translate(fault, path);
            }
        });
    }

    public ValueTask SyncAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return threads.RunAsync(() =>
        {
            if (OperatingSystem.IsLinux())
            {
                DiskErrors.ThrowIf(LibC.SyncData(handle), "sync", path);
                return;
            }

            RandomAccess.FlushToDisk(handle);
        });
    }

    public void Preallocate(long bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            DiskErrors.ThrowIf(LibC.Reserve(handle, bytes), "reserve space for", path);
        }
    }

    public void Truncate(long bytes)
    {
        try
        {
            RandomAccess.SetLength(handle, bytes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(fault, path);
        }
    }

    public void Dispose() => handle.Dispose();

    private int Read(long offset, Span<byte> destination)
    {
        try
        {
            int count = 0;
            while (count < destination.Length)
            {
                int read = RandomAccess.Read(handle, destination[count..], offset + count);
                if (read == 0)
                {
                    break;
                }

                count += read;
            }

            return count;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(fault, path);
        }
    }

    private async ValueTask<int> ReadLargeAsync(long offset, Memory<byte> destination, CancellationToken token)
    {
        try
        {
            int count = 0;
            while (count < destination.Length)
            {
                int read = await RandomAccess.ReadAsync(handle, destination[count..], offset + count, token);
                if (read == 0)
                {
                    break;
                }

                count += read;
            }

            return count;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskErrors.Translate(fault, path);
        }
    }
}
