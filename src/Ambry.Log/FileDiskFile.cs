#pragma warning disable RS0030 // The real disk: here and in FileDisk alone the file system may be touched.
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// An open file of a <see cref="FileDisk"/>: positional system calls on one handle. Thread safe.
/// </summary>
internal sealed class FileDiskFile(
    SafeFileHandle handle, string path, CachedReads cached, DiskThreads readers, DiskThreads writers) : IDiskFile
{
    // Where the kernel cannot tell what is cached. Copying this from the page cache takes some 30 microseconds, about
    // what a hop to another thread costs.
    private const int InlineReadBytes = 256 * 1024;

    public SafeFileHandle Handle => handle;

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

    /// <remarks>
    /// What is in the page cache is read by the caller, without a hop and whatever its length: a copy of memory. For
    /// the rest a thread of the disk waits.
    /// </remarks>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        token.ThrowIfCancellationRequested();
        int count = 0;
        if (cached.IsOn && MemoryMarshal.TryGetArray(destination, out ArraySegment<byte> bytes))
        {
            count = cached.Read(handle, path, offset, bytes, out bool isWhole);
            if (isWhole)
            {
                return ValueTask.FromResult(count);
            }
        }
        else if (destination.Length <= InlineReadBytes)
        {
            return ValueTask.FromResult(Read(offset, destination.Span));
        }

        return readers.RunAsync(new DiskRead(handle, path, offset + count, destination[count..], count));
    }

    public ValueTask WriteAsync(long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return writers.RunToEndAsync(new DiskWrite(handle, path, offset, parts));
    }

    public ValueTask SyncAsync(CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return writers.RunToEndAsync(new DiskSync(handle, path));
    }

    public ValueTask WriteAndSyncAsync(
        long offset, IReadOnlyList<ReadOnlyMemory<byte>> parts, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        return writers.RunToEndAsync(new DiskWriteAndSync(handle, path, offset, parts));
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

    // Where the kernel cannot tell what is cached: small reads may wait for the device here.
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
}
