namespace Ambry.Log;

/// <summary>The device has no room: free some, or stop writing. What was written before stays readable.</summary>
public sealed class DiskFullException(string message, Exception? inner)
    : DiskException(DiskFault.Full, message, inner);
