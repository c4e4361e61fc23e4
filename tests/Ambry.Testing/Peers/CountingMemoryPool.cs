using System.Buffers;

namespace Ambry.Testing.Peers;

/// <summary>
/// A pool that knows what is out, refuses to take a buffer back twice, and overwrites what comes back, so that use after
/// return shows. Thread safe.
/// </summary>
public sealed class CountingMemoryPool : MemoryPool<byte>
{
    private const byte Poison = 0xDD;

    private int _outstanding;
    private long _rented;
    private long _largestBytes;

    /// <summary>Buffers rented and not yet returned.</summary>
    public int Outstanding => Volatile.Read(ref _outstanding);

    public long Rented => Interlocked.Read(ref _rented);

    /// <summary>The largest buffer that was ever asked for.</summary>
    public long LargestBytes => Interlocked.Read(ref _largestBytes);

    public override int MaxBufferSize => int.MaxValue;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        Interlocked.Increment(ref _outstanding);
        Interlocked.Increment(ref _rented);
        _largestBytes = Math.Max(_largestBytes, minBufferSize);
        return new Owner(this, new byte[Math.Max(minBufferSize, 0)]);
    }

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Owner(CountingMemoryPool pool, byte[] bytes) : IMemoryOwner<byte>
    {
        private int _returned;

        public Memory<byte> Memory => Volatile.Read(ref _returned) == 0
            ? bytes
            : throw new ObjectDisposedException(nameof(Owner));

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) != 0)
            {
                throw new InvalidOperationException("The buffer was returned twice.");
            }

            bytes.AsSpan().Fill(Poison);
            Interlocked.Decrement(ref pool._outstanding);
        }
    }
}
