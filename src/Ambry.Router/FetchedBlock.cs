using Ambry.Protocol;

namespace Ambry.Router;

/// <summary>A block that was fetched, or why not, with its share of the budget. Disposing twice returns once.</summary>
internal sealed class FetchedBlock : IDisposable
{
    private readonly ByteBudget _budget;
    private readonly GetBlobResponse? _response;
    private int _reservedBytes;

    public FetchedBlock(ByteBudget budget, int reservedBytes, FetchResult result)
    {
        _budget = budget;
        _reservedBytes = reservedBytes;
        _response = result.Response;
        Error = result.Error;
    }

    public RouterError Error { get; }

    public ReadOnlyMemory<byte> Content => _response?.Content ?? ReadOnlyMemory<byte>.Empty;

    public void Dispose()
    {
        _response?.Dispose();
        _budget.Release(Interlocked.Exchange(ref _reservedBytes, 0));
    }
}
