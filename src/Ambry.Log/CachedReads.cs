using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// Reads what is in the page cache, and only that: never waits for the device. Where the kernel or the file system
/// cannot tell, it says so once and stays off. Thread safe.
/// </summary>
internal sealed class CachedReads
{
    // preadv2's flags and iovec are used as 64-bit Linux has them.
    private volatile bool _isOff = !OperatingSystem.IsLinux() || !Environment.Is64BitProcess;

    public bool IsOn => !_isOff;

    /// <summary>
    /// How many bytes from <paramref name="offset"/> on were at hand. <paramref name="isWhole"/> when there are no
    /// more: the destination is full or the file has ended.
    /// </summary>
    /// <exception cref="IOException">The disk failed.</exception>
    public int Read(SafeFileHandle handle, string path, long offset, ArraySegment<byte> destination, out bool isWhole)
    {
        // Pinned by hand: the system call takes addresses, and this project has no unsafe code.
        GCHandle pin = GCHandle.Alloc(destination.Array, GCHandleType.Pinned);
        try
        {
            nint address = Marshal.UnsafeAddrOfPinnedArrayElement(destination.Array!, destination.Offset);
            return Read(handle, path, offset, address, destination.Count, out isWhole);
        }
        finally
        {
            pin.Free();
        }
    }

    private int Read(SafeFileHandle handle, string path, long offset, nint address, int length, out bool isWhole)
    {
        int count = 0;
        while (count < length)
        {
            int error = Try(handle, offset + count, address + count, length - count, out int read);
            switch (error)
            {
                case 0 when read == 0:
                    isWhole = true;
                    return count;
                case 0:
                    // A short answer is the end of the file or of what is cached: the next one tells.
                    count += read;
                    break;
                case LibC.WouldBlock:
                    isWhole = false;
                    return count;
                case LibC.NotImplemented or LibC.NotSupported or LibC.InvalidArgument:
                    _isOff = true;
                    isWhole = false;
                    return count;
                default:
                    throw DiskErrors.Create(error, "read", path);
            }
        }

        isWhole = true;
        return count;
    }

    private static int Try(SafeFileHandle handle, long offset, nint address, int length, out int read)
    {
        try
        {
            return LibC.ReadCached(handle, offset, address, length, out read);
        }
        catch (EntryPointNotFoundException)
        {
            // A C library older than the call.
            read = 0;
            return LibC.NotImplemented;
        }
    }
}
