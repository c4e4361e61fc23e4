namespace Ambry.Log;

/// <summary>What is wrong with a disk, as far as its errors tell: it decides what an operator has to do.</summary>
public enum DiskFault
{
    /// <summary>An error that says nothing of the disk, such as too many open files.</summary>
    None,

    /// <summary>No room, or over quota. What is there stays readable.</summary>
    Full,

    /// <summary>Writes are refused: mounted or fallen back to read-only, or without permission.</summary>
    ReadOnly,

    /// <summary>The device reports errors or is no longer attached.</summary>
    Device,

    /// <summary>The root folder is missing: nothing is mounted there.</summary>
    Gone,

    /// <summary>A call has not been answered within its limit.</summary>
    Hung,
}
