using Ambry.Metadata;
using Ambry.Testing.Metadata;

namespace Ambry.Testing.Simulation;

/// <summary>What a shard's state keeps over a crash: the items as of one applied index, replaced as a whole.</summary>
internal sealed class ShardImage
{
    public long Index { get; set; }

    /// <summary>The one state that may replace it: a stopped process folds no more.</summary>
    public object? Owner { get; set; }

    public IReadOnlyList<ShardItem> Items { get; set; } = [];
}

/// <summary>
/// The model of a folding state for the simulator: everything in memory, and now and then, as the seed says, all of it
/// becomes the durable image. A new state begins with the image; what came after it is replayed from the log.
/// </summary>
internal sealed class FoldingShardState : IShardState
{
    private const int AppliesPerFold = 12;

    private readonly MemoryShardState _state = new(isDurable: false);
    private readonly ShardImage _image;
    private readonly Random _random;

    public FoldingShardState(ShardImage image, Random random)
    {
        _image = image;
        _random = random;
        image.Owner = this;
        if (image.Index > 0)
        {
            _state.Apply(image.Index, [.. image.Items.Select(item => new ShardChange(item.Key, item.Value))]);
        }
    }

    public long AppliedIndex => _state.AppliedIndex;

    public long FoldedIndex => _image.Index;

    public bool HasFailed => false;

    public bool IsDamaged => false;

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(ReadOnlyMemory<byte> key, CancellationToken token)
    {
        await WaitForRoomAsync(token);
        return await _state.GetAsync(key, token);
    }

    public async ValueTask<IReadOnlyList<ShardItem>> ScanAsync(
        ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, int limit, CancellationToken token)
    {
        await WaitForRoomAsync(token);
        return await _state.ScanAsync(from, to, limit, token);
    }

    public void Apply(long index, IReadOnlyList<ShardChange> changes)
    {
        _state.Apply(index, changes);
        if (_image.Owner == this && _random.Next(AppliesPerFold) == 0)
        {
            _image.Items = _state.Items();
            _image.Index = _state.AppliedIndex;
        }
    }

    public async ValueTask<MetadataError> WaitForRoomAsync(CancellationToken token)
    {
        if (_random.Next(2) == 0)
        {
            await Task.Yield();
        }

        return MetadataError.None;
    }

    public ValueTask DisposeAsync() => _state.DisposeAsync();
}
