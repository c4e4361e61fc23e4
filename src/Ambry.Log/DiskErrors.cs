using System.Runtime.InteropServices;

namespace Ambry.Log;

/// <summary>Turns what the system reports into the exceptions that <see cref="IDisk"/> promises.</summary>
internal static class DiskErrors
{
    private const int WouldBlock = 11;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    public static bool IsSharingViolation(IOException fault) =>
        fault.HResult is WouldBlock or WindowsSharingViolation;

    public static IOException Translate(Exception fault, string path) =>
        fault is DiskFullException full ? full
        : fault.HResult is LibC.NoSpace or LibC.QuotaExceeded
            ? new DiskFullException($"{path}: {fault.Message}", fault)
            : new IOException($"{path}: {fault.Message}", fault);

    public static void ThrowIf(int error, string action, string path)
    {
        if (error == 0)
        {
            return;
        }

        string message = $"Cannot {action} {path}: {Marshal.GetPInvokeErrorMessage(error)} (errno {error}).";
        throw error is LibC.NoSpace or LibC.QuotaExceeded
            ? new DiskFullException(message, null)
            : new IOException(message);
    }
}
