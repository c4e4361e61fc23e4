using System.Runtime.InteropServices;
using Ambry.Protocol;

namespace Ambry.Server;

/// <summary>
/// Counts requests and bytes at work; turns away what is beyond either limit. When more than half of a limit is taken,
/// a tenant (account and container) may not hold more than its share of seven eighths of it; the last eighth is for
/// those that come. The last sixteenth of the requests is for those without content: deletes must get through. Memory
/// is bounded by the requests at work: a tenant without any is forgotten. Thread safe.
/// </summary>
internal sealed class AdmissionGate(int requestsMax, long bytesMax)
{
    // However many tenants there are, each may have a few requests at work before anybody speaks of shares.
    internal const int RequestsFloor = 4;
    internal const long BytesFloor = 2L * BlobLimits.MaxContentBytes;

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Use> _tenants = [];
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

    /// <summary>Tenants with requests at work.</summary>
    public int Tenants
    {
        get
        {
            lock (_gate)
            {
                return _tenants.Count;
            }
        }
    }

    public static uint TenantOf(BlobId id) => ((uint)id.Account << 16) | id.Container;

    /// <summary>A request alone is always let in: one larger than the limit must be answered too.</summary>
    /// <param name="hasContent">Whether it moves content, which may wait where deletes may not.</param>
    public bool TryEnter(uint tenant, long bytes, bool hasContent)
    {
        lock (_gate)
        {
            if (_requests >= requestsMax || (_requests > 0 && _bytes + bytes > bytesMax)
                || (hasContent && !HasPlaceLocked(tenant, bytes)))
            {
                return false;
            }

            ref Use use = ref CollectionsMarshal.GetValueRefOrAddDefault(_tenants, tenant, out _);
            use = new Use(use.Requests + 1, use.Bytes + bytes);
            _requests++;
            _bytes += bytes;
            return true;
        }
    }

    public void Exit(uint tenant, long bytes)
    {
        lock (_gate)
        {
            Use use = _tenants[tenant];
            if (use.Requests == 1)
            {
                _tenants.Remove(tenant);
            }
            else
            {
                _tenants[tenant] = new Use(use.Requests - 1, use.Bytes - bytes);
            }

            _requests--;
            _bytes -= bytes;
        }
    }

    private bool HasPlaceLocked(uint tenant, long bytes)
    {
        if (_requests >= requestsMax - (requestsMax / 16))
        {
            return false;
        }

        bool isBusy = 2L * _requests >= requestsMax || 2 * (_bytes + bytes) > bytesMax;
        if (!isBusy || !_tenants.TryGetValue(tenant, out Use use))
        {
            return true;
        }

        return use.Requests < Math.Max(RequestsFloor, ShareOf(requestsMax))
            && use.Bytes + bytes <= Math.Max(BytesFloor, ShareOf(bytesMax));
    }

    private long ShareOf(long limit) => (limit - (limit / 8)) / _tenants.Count;

    private readonly record struct Use(int Requests, long Bytes);
}

/// <summary>
/// One request that a gate let in, with whatever its answer holds on to. Disposing lets that go and leaves the gate,
/// once.
/// </summary>
internal sealed class Admitted(AdmissionGate gate, uint tenant, long bytes) : System.Buffers.IMemoryOwner<byte>
{
    private IDisposable? _held;
    private int _left;

    /// <summary>Nobody asks: the answer has slices of it.</summary>
    public Memory<byte> Memory => Memory<byte>.Empty;

    /// <summary>From now on what the answer holds is let go with this.</summary>
    public Admitted Holding(IDisposable? held)
    {
        _held = held;
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _left, 1) == 0)
        {
            _held?.Dispose();
            gate.Exit(tenant, bytes);
        }
    }
}
