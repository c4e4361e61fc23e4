using System.Buffers;

namespace Ambry.Router;

/// <summary>
/// Memory for one chunk with its share of the budget. One owner at a time; disposing twice is harmless and returns
/// once.
/// </summary>
internal sealed class ChunkBuffer : IDisposable
{
    private readonly ByteBudget _budget;
    private readonly int _reservedBytes;
    private IMemoryOwner<byte>? _owner;
    private AheadReservation? _lent;

    private ChunkBuffer(ByteBudget budget, IMemoryOwner<byte> owner, int capacityBytes)
    {
        _budget = budget;
        _owner = owner;
        _reservedBytes = capacityBytes;
        Memory = owner.Memory[..capacityBytes];
    }

    /// <summary>All of it, filled or not; valid until disposal.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>Bytes filled so far.</summary>
    public int Length { get; set; }

    /// <summary>Null when the budget has no room in time.</summary>
    public static async ValueTask<ChunkBuffer?> RentAsync(
        ByteBudget budget, MemoryPool<byte> pool, int capacityBytes, CancellationToken token)
    {
        return await budget.ReserveAsync(capacityBytes, token)
            ? new ChunkBuffer(budget, pool.Rent(capacityBytes), capacityBytes)
            : null;
    }

    /// <summary>Null when the budget has no room at once.</summary>
    public static ChunkBuffer? TryRent(ByteBudget budget, MemoryPool<byte> pool, int capacityBytes) =>
        budget.TryReserve(capacityBytes) ? new ChunkBuffer(budget, pool.Rent(capacityBytes), capacityBytes) : null;

    /// <summary>Ends this buffer; what is in it goes into a larger one, if there is one.</summary>
    public void MoveTo(ChunkBuffer? larger)
    {
        if (larger is not null)
        {
            Memory[..Length].CopyTo(larger.Memory);
            larger.Length = Length;
        }

        Dispose();
    }

    /// <summary>Others may ask for the memory back from now on; it still has to be disposed.</summary>
    public void Lend(Action callBack)
    {
        _lent = new AheadReservation(_reservedBytes, callBack);
        _budget.Lend(_lent);
    }

    public void Dispose()
    {
        IMemoryOwner<byte>? owner = Interlocked.Exchange(ref _owner, null);
        if (owner is not null)
        {
            owner.Dispose();
            _budget.TakeBack(_lent);
            _budget.Release(_reservedBytes);
        }
    }
}
