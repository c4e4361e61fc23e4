using System.Text;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;

namespace Ambry.Tests.Metadata.Engine;

/// <summary>A log of random changes, what the state must be at each index, and an engine to compare with it.</summary>
internal sealed class EngineModel(EngineDisk disk, Random random)
{
    private readonly List<IReadOnlyList<ShardChange>> _log = [];

    public SortedDictionary<byte[], byte[]> State { get; private set; } = new(KeyOrder.Instance);

    public ShardEngineOptions Options { get; init; } =
        new() { LeavesPerTransaction = 4, CheckpointLogBytes = 64 << 10 };

    /// <summary>What the engine asks of the log before a commit; nothing by default.</summary>
    public Func<CancellationToken, ValueTask> SyncLog { get; set; } = _ => ValueTask.CompletedTask;

    public FakeTimeProvider Time { get; } = new();

    public long NextIndex => _log.Count + 1;

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static ShardChange Set(string key, string value) => new(Bytes(key), Bytes(value));

    public static ShardChange Remove(string key) => new(Bytes(key), null);

    public async ValueTask<ShardEngine> OpenAsync(long oldestReplayableIndex = 1)
    {
        var engine = await ShardEngine.OpenAsync(
            disk, "s0", Options, LogFrom(oldestReplayableIndex), Time, NullLogger.Instance, CancellationToken.None);
        engine.AppliedIndex.ShouldBe(engine.FoldedIndex);
        return engine;
    }

    private ReplayLog LogFrom(long oldestIndex) => new(oldestIndex, token => SyncLog(token));

    /// <summary>What a node does after a stop: everything behind the folded index is applied again.</summary>
    public void Replay(ShardEngine engine)
    {
        for (var index = engine.FoldedIndex + 1; index <= _log.Count; index++)
        {
            engine.Apply(index, _log[(int)index - 1]);
        }
    }

    /// <summary>Appends to the log and applies, as one entry.</summary>
    public void Apply(ShardEngine engine, params ShardChange[] changes)
    {
        _log.Add(changes);
        foreach (var change in changes)
        {
            State.Remove(change.Key.ToArray());
            if (change.Value is { } value)
            {
                State.Add(change.Key.ToArray(), value.ToArray());
            }
        }

        engine.Apply(_log.Count, changes);
    }

    public void ApplyRandom(ShardEngine engine, int entries, int keySpace, double removes = 0.3)
    {
        for (var i = 0; i < entries; i++)
        {
            var changes = new ShardChange[random.Next(1, 4)];
            for (var j = 0; j < changes.Length; j++)
            {
                var key = $"key/{random.Next(keySpace) * 7919 % keySpace:d6}";
                changes[j] = random.NextDouble() < removes ? Remove(key) : Set(key, Value());
            }

            Apply(engine, changes);
        }
    }

    public string Value() => new((char)('a' + random.Next(26)), random.Next(200));

    /// <summary>The state as it was at an index.</summary>
    public SortedDictionary<byte[], byte[]> StateAt(long index)
    {
        var state = new SortedDictionary<byte[], byte[]>(KeyOrder.Instance);
        foreach (var change in _log.Take((int)index).SelectMany(changes => changes))
        {
            state.Remove(change.Key.ToArray());
            if (change.Value is { } value)
            {
                state.Add(change.Key.ToArray(), value.ToArray());
            }
        }

        return state;
    }

    public ValueTask ShouldMatchAsync(ShardEngine engine) => ShouldMatchAsync(engine, State);

    public async ValueTask ShouldMatchAsync(ShardEngine engine, SortedDictionary<byte[], byte[]> expected)
    {
        var all = await engine.ScanAsync(default, default, int.MaxValue, CancellationToken.None);
        all.Count.ShouldBe(expected.Count);
        foreach (var (item, (key, value)) in all.Zip(expected))
        {
            if (!item.Key.Span.SequenceEqual(key) || !item.Value.Span.SequenceEqual(value))
            {
                Show(item.Key.Span, item.Value.Span).ShouldBe(Show(key, value));
            }
        }

        var keys = expected.Keys.ToList();
        for (var i = 0; i < 20 && keys.Count > 0; i++)
        {
            await ShouldMatchPageAsync(engine, expected, keys);
        }
    }

    private static string Show(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        $"{Convert.ToHexString(key)}: {Convert.ToHexString(value)}";

    private async ValueTask ShouldMatchPageAsync(
        ShardEngine engine, SortedDictionary<byte[], byte[]> expected, List<byte[]> keys)
    {
        var from = Neighbour(keys[random.Next(keys.Count)]);
        var to = random.Next(3) == 0 ? [] : Neighbour(keys[random.Next(keys.Count)]);
        var limit = random.Next(1, 60);
        var page = await engine.ScanAsync(from, to, limit, CancellationToken.None);
        page.Select(item => Convert.ToHexString(item.Key.Span)).ShouldBe(keys
            .Where(key => KeyOrder.Instance.Compare(key, from) >= 0)
            .Where(key => to.Length == 0 || KeyOrder.Instance.Compare(key, to) < 0)
            .Take(limit).Select(key => Convert.ToHexString(key)));

        var found = await engine.GetAsync(from, CancellationToken.None);
        found?.ToArray().ShouldBe(expected.GetValueOrDefault(from));
        found.HasValue.ShouldBe(expected.ContainsKey(from));
    }

    private byte[] Neighbour(byte[] key) => random.Next(3) switch
    {
        0 => key,
        1 => [.. key, 0],
        _ => key[..random.Next(1, key.Length + 1)],
    };

    internal sealed class KeyOrder : IComparer<byte[]>
    {
        public static readonly KeyOrder Instance = new();

        public int Compare(byte[]? left, byte[]? right) => left.AsSpan().SequenceCompareTo(right);
    }
}
