using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Ambry.Tests.Log;

/// <summary>Takes parts of files out of the page cache of Linux, so that reads of them wait for the device.</summary>
internal static class PageCache
{
    private const int DontNeed = 4;

    /// <summary>The error number; a length of 0 means to the end. Only what is durable leaves.</summary>
    public static int Drop(SafeFileHandle file, long offset, long length) => Advise(file, offset, length, DontNeed);

    [DllImport("libc", EntryPoint = "posix_fadvise")]
    private static extern int Advise(SafeFileHandle file, long offset, long length, int advice);
}
