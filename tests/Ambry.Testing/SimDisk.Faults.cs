using Ambry.Log;

namespace Ambry.Testing;

/// <content>A device that fails as a whole, and heals when the property is taken back.</content>
public sealed partial class SimDisk
{
    private volatile Box? _broken;
    private volatile bool _isReadOnly;
    private int _hungCalls;

    /// <summary>Every call fails so: the device reports errors, is gone, or does not answer.</summary>
    public DiskFault? Broken
    {
        get => _broken?.Fault;
        set => _broken = value is { } fault ? new Box(fault) : null;
    }

    /// <summary>Every call that changes something fails; reads go on.</summary>
    public bool IsReadOnly
    {
        get => _isReadOnly;
        set => _isReadOnly = value;
    }

    /// <summary>A read waits for it: a device that does not answer.</summary>
    public Task? ReadBarrier { get; set; }

    /// <summary>Called with the path of every file that is about to be opened.</summary>
    public Action<string>? Opening { get; set; }

    public int HungCalls
    {
        get => Volatile.Read(ref _hungCalls);
        set => Volatile.Write(ref _hungCalls, value);
    }

    public long TotalBytes => CapacityBytes;

    /// <summary>What all files take.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_gate)
            {
                return _tree.Files.Values.Sum(file => file.TakenBytes);
            }
        }
    }

    public long FreeBytes
    {
        get
        {
            lock (_gate)
            {
                ThrowIfDead();
                long used = _tree.Files.Values.Sum(file => file.TakenBytes);
                return CapacityBytes == long.MaxValue ? long.MaxValue : Math.Max(0, CapacityBytes - used);
            }
        }
    }

    private void ThrowIfBroken()
    {
        if (_broken is { } broken)
        {
            throw new DiskException(broken.Fault, $"The simulated disk is broken: {broken.Fault}.", null);
        }
    }

    private void ThrowIfReadOnly()
    {
        if (_isReadOnly)
        {
            throw new DiskException(DiskFault.ReadOnly, "The simulated disk is mounted read-only.", null);
        }
    }

    private sealed record Box(DiskFault Fault);
}
