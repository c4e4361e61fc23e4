using System.Buffers;

namespace Ambry.Server;

/// <summary>Counts requests and bytes at work; turns away what is beyond either limit. Thread safe.</summary>
internal sealed class AdmissionGate(int requestsMax, long bytesMax)
{
    private readonly Lock _gate = new();
    private int _requests;
    private long _bytes;

    public int Requests
    {
        get
        {
            lock (_gate)
            {
                return _requests;
            }
        }
    }

    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <summary>A request alone is always let in: one larger than the limit must be answered too.</summary>
    public bool TryEnter(long bytes)
    {
        lock (_gate)
        {
            if (_requests >= requestsMax || (_requests > 0 && _bytes + bytes > bytesMax))
            {
                return false;
            }

            _requests++;
            _bytes += bytes;
            return true;
        }
    }

    public void Exit(long bytes)
    {
        lock (_gate)
        {
            _requests--;
            _bytes -= bytes;
        }
    }

    /// <summary>Memory of an answer that stays counted until its receiver gives it back.</summary>
    public sealed class AdmittedMemory(AdmissionGate gate, IMemoryOwner<byte>? owner, long bytes) : IMemoryOwner<byte>
    {
        private int _returned;

        public Memory<byte> Memory => owner?.Memory ?? Memory<byte>.Empty;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
            {
                owner?.Dispose();
                gate.Exit(bytes);
            }
        }
    }
}
