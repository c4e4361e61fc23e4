using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Log;

/// <summary>
/// The Linux system calls that .NET does not offer. Each returns the error number, 0 for success; an interrupted call
/// is made again.
/// </summary>
internal static class LibC
{
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int NoSpace = 28;
    public const int QuotaExceeded = 122;

    public const int InvalidArgument = 22;
    public const int NotImplemented = 38;
    public const int NotSupported = 95;

    private const int NoWait = 8;
    private const int KeepSize = 1;
    private const int ReadOnlyCloseOnExec = 0x80000;

    /// <summary>
    /// Makes a file's data durable, and its length, but not its times: one journal commit less than fsync.
    /// </summary>
    public static int SyncData(SafeFileHandle file)
    {
        while (true)
        {
            if (FDataSync(file) == 0)
            {
                return 0;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                return error;
            }
        }
    }

    /// <summary>Reserves space and leaves the length; 0 also where the file system cannot.</summary>
    public static int Reserve(SafeFileHandle file, long bytes)
    {
        while (true)
        {
            if (FAllocate(file, KeepSize, 0, bytes) == 0)
            {
                return 0;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                return error is NotSupported or NotImplemented ? 0 : error;
            }
        }
    }

    /// <summary>
    /// Reads what the page cache has; <see cref="WouldBlock"/> when the device would have to be asked.
    /// </summary>
    public static int ReadCached(SafeFileHandle file, long offset, nint address, int length, out int read)
    {
        var vector = new IoVector { Address = address, Length = length };
        while (true)
        {
            read = (int)PReadV2(file, in vector, 1, offset, NoWait);
            if (read >= 0)
            {
                return 0;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                return error;
            }
        }
    }

    public static int SyncDirectory(string path)
    {
        while (true)
        {
            int descriptor = Open(path, ReadOnlyCloseOnExec);
            if (descriptor >= 0)
            {
                using var directory = new SafeFileHandle(descriptor, ownsHandle: true);
                if (FSync(directory) == 0)
                {
                    return 0;
                }
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
            {
                return error;
            }
        }
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static extern int FDataSync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int FSync(SafeFileHandle file);

    [DllImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static extern int FAllocate(SafeFileHandle file, int mode, long offset, long bytes);

    [DllImport("libc", EntryPoint = "preadv2", SetLastError = true)]
    private static extern nint PReadV2(SafeFileHandle file, in IoVector vector, int count, long offset, int flags);

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct IoVector
    {
        public nint Address;
        public nint Length;
    }
}
