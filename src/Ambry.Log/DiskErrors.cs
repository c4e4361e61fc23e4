using System.Runtime.InteropServices;

namespace Ambry.Log;

/// <summary>Turns what the system reports into the exceptions that <see cref="IDisk"/> promises. Pure.</summary>
internal static class DiskErrors
{
    private const int NoPermission = 1;
    private const int IoError = 5;
    private const int NoSuchDeviceAddress = 6;
    private const int AccessDenied = 13;
    private const int NoSuchDevice = 19;
    private const int ReadOnlyFileSystem = 30;
    private const int StaleHandle = 116;
    private const int MediumMissing = 123;
    private const int StructureNeedsCleaning = 117;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    public static bool IsSharingViolation(IOException fault) =>
        fault.HResult is LibC.WouldBlock or WindowsSharingViolation;

    /// <summary>Classes of error numbers of Linux; .NET hands them on as the result code of its exceptions.</summary>
    public static DiskFault Classify(int error) => error switch
    {
        LibC.NoSpace or LibC.QuotaExceeded => DiskFault.Full,

        // A remount for reading alone answers EROFS; some file systems and a changed owner of the mount EACCES.
        ReadOnlyFileSystem or AccessDenied or NoPermission => DiskFault.ReadOnly,

        // The last three: a network or pulled device, a removed medium, and metadata that fails its checksums.
        IoError or NoSuchDeviceAddress or NoSuchDevice or StaleHandle or MediumMissing or StructureNeedsCleaning =>
            DiskFault.Device,
        _ => DiskFault.None,
    };

    public static IOException Translate(Exception fault, string path)
    {
        if (fault is DiskException known)
        {
            return known;
        }

        DiskFault kind = fault is UnauthorizedAccessException ? DiskFault.ReadOnly : Classify(fault.HResult);
        return Create(kind, $"{path}: {fault.Message}", fault);
    }

    public static void ThrowIf(int error, string action, string path)
    {
        if (error != 0)
        {
            throw Create(error, action, path);
        }
    }

    public static IOException Create(int error, string action, string path) => Create(
        Classify(error), $"Cannot {action} {path}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).", null);

    private static IOException Create(DiskFault kind, string message, Exception? cause) => kind switch
    {
        DiskFault.Full => new DiskFullException(message, cause),
        DiskFault.None => new IOException(message, cause),
        _ => new DiskException(kind, message, cause),
    };
}
