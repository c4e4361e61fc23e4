namespace Ambry.Log;

/// <summary>How a <see cref="FileDisk"/> makes its calls.</summary>
public sealed record FileDiskOptions
{
    /// <summary>
    /// Threads that wait for reads. What a device works on at once: enough for a hard disk to choose the nearest and
    /// for most of the speed of an SSD. Each owns <see cref="DiskRead.PieceBytes"/> of memory.
    /// </summary>
    public int ReadThreads { get; init; } = 8;

    /// <summary>
    /// Threads that wait for writes and syncs. Syncs of different files overlap in the device; more only queue there.
    /// </summary>
    public int WriteThreads { get; init; } = 4;

    /// <summary>
    /// Calls of a kind that may wait for a thread, some 150 bytes each; the next caller waits at the door. About what a
    /// hard disk reads in the time that a reader is willing to wait.
    /// </summary>
    public int QueuedCallsMax { get; init; } = 1024;

    /// <summary>
    /// A read that takes longer fails. Three times what the kernel gives a command before it resets the device's
    /// link, less than clients wait.
    /// </summary>
    public TimeSpan ReadLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A write or sync that takes longer fails. Longer than a read's: a sync may have gigabytes of the page cache in
    /// front of it.
    /// </summary>
    public TimeSpan WriteLimit { get; init; } = TimeSpan.FromSeconds(120);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ReadThreads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(WriteThreads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueuedCallsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ReadLimit, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(WriteLimit, TimeSpan.Zero);
    }
}
