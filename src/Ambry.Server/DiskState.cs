namespace Ambry.Server;

/// <summary>Whether a disk serves.</summary>
public enum DiskState
{
    Healthy,

    /// <summary>It refused a write for want of room. Reads go on, and writes are tried.</summary>
    Full,

    /// <summary>It takes no writes. Its stores read on until one of their own writes fails.</summary>
    ReadOnly,

    /// <summary>It did not pass its probe, or did not open: its replicas serve nothing.</summary>
    Failed,
}
