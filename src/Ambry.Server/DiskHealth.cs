using Ambry.ClusterMap;
using Ambry.Log;
using Microsoft.Extensions.Logging;

namespace Ambry.Server;

/// <summary>
/// What is known of one disk: learns from every call and from probes, decides whether replicas on it may serve. Thread
/// safe: one lock, <c>_gate</c>; the state is read without it.
/// </summary>
/// <remarks>
/// Errors of reads and of writes are counted apart: reads out of the page cache succeed on a disk that is long dead.
/// </remarks>
internal sealed class DiskHealth(string mountPath, DiskHealthOptions options, ILogger logger)
{
    private readonly Lock _gate = new();
    private volatile DiskState _state;
    private volatile string? _reason;
    private volatile bool _suspect;
    private int _readErrors;
    private int _writeErrors;

    // Guarded by _gate: room that a refused write asked for; the disk is full until there is as much.
    private long _bytesWanted;

    public string MountPath => mountPath;

    public DiskState State => _state;

    public string? Reason => _reason;

    /// <summary>Whether a fault was met since the last probe began.</summary>
    public bool IsSuspect => _suspect;

    public bool Refuses(ReplicaOperation operation) => _state switch
    {
        DiskState.Failed => true,
        DiskState.ReadOnly => operation != ReplicaOperation.Get,
        _ => false,
    };

    public void OnRead()
    {
        if (Volatile.Read(ref _readErrors) != 0)
        {
            Volatile.Write(ref _readErrors, 0);
        }
    }

    public void OnWritten()
    {
        if (Volatile.Read(ref _writeErrors) != 0)
        {
            Volatile.Write(ref _writeErrors, 0);
        }
    }

    /// <summary>A call failed.</summary>
    /// <param name="bytes">How much room it asked for.</param>
    public void OnFault(IOException exception, bool isWrite, long bytes)
    {
        DiskFault fault = DiskException.FaultOf(exception);
        if (fault == DiskFault.None)
        {
            return;
        }

        lock (_gate)
        {
            if (fault == DiskFault.Full)
            {
                _bytesWanted = Math.Max(_bytesWanted, bytes);
                if (_state == DiskState.Healthy)
                {
                    SetLocked(DiskState.Full, exception.Message);
                }

                return;
            }

            _suspect = true;
            int errors = isWrite ? Interlocked.Increment(ref _writeErrors) : Interlocked.Increment(ref _readErrors);
            if (fault is DiskFault.Hung or DiskFault.Gone || errors >= options.ConsecutiveErrorsMax)
            {
                SetLocked(StateOf(fault), exception.Message);
            }
        }
    }

    /// <summary>A probe begins: faults from now on ask for another one.</summary>
    public void OnProbing() => _suspect = false;

    /// <param name="hungCalls">While there are any the disk stays out: late writes may still come.</param>
    public void OnProbed(DiskProbeResult result, long freeBytes, int hungCalls)
    {
        lock (_gate)
        {
            if (result.Fault is null && hungCalls > 0)
            {
                SetLocked(DiskState.Failed, $"{hungCalls} calls have not been answered");
            }
            else if (result.Fault is { } fault)
            {
                SetLocked(StateOf(fault), result.Reason);
            }
            else if (freeBytes < _bytesWanted)
            {
                SetLocked(DiskState.Full, $"{freeBytes} bytes are free, {_bytesWanted} were asked for");
            }
            else
            {
                _bytesWanted = 0;
                Volatile.Write(ref _readErrors, 0);
                Volatile.Write(ref _writeErrors, 0);
                SetLocked(DiskState.Healthy, null);
            }
        }
    }

    public void OnNotOpened(Exception exception)
    {
        lock (_gate)
        {
            SetLocked(DiskState.Failed, $"did not open: {exception.Message}");
        }
    }

    private static DiskState StateOf(DiskFault fault) => fault switch
    {
        DiskFault.Full => DiskState.Full,
        DiskFault.ReadOnly => DiskState.ReadOnly,
        _ => DiskState.Failed,
    };

    private void SetLocked(DiskState state, string? reason)
    {
        _reason = reason;
        if (_state == state)
        {
            return;
        }

        _state = state;
        switch (state)
        {
            case DiskState.Healthy:
                Log.DiskHealthy(logger, mountPath);
                break;
            case DiskState.Full:
                Log.DiskFull(logger, mountPath, reason);
                break;
            default:
                Log.DiskBad(logger, mountPath, state, reason);
                break;
        }
    }
}
