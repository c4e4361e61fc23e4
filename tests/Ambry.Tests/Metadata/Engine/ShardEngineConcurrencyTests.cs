using Ambry.Metadata.Engine;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata.Engine;

public sealed class ShardEngineConcurrencyTests
{
    private const int Keys = 400;

    private static CancellationToken None => CancellationToken.None;

    /// <summary>
    /// Each entry writes its number to the same two far-apart keys and rewrites a moving third, so every reader can
    /// tell a torn, stale or missing answer, whatever the fold is doing.
    /// </summary>
    [Fact]
    public async Task Readers_during_folding_see_every_key_and_whole_entries()
    {
        var model = new EngineModel(new EngineDisk(), new Random(1))
        {
            Options = new ShardEngineOptions { FoldEntries = 30, LeavesPerTransaction = 1, CacheBytes = 20_000 },
        };
        await using var engine = await model.OpenAsync();
        model.Apply(engine, EngineModel.Set("a", "0"), EngineModel.Set("z", "0"));
        for (var i = 0; i < Keys; i++)
        {
            model.Apply(engine, EngineModel.Set($"key/{i:d4}", "start"));
        }

        using var stop = new CancellationTokenSource();
        Task<int>[] readers = [Task.Run(() => ReadAsync(engine, stop)), Task.Run(() => ReadAsync(engine, stop)),
            Task.Run(() => ListAsync(engine, stop))];
        for (var i = 1; i <= 250; i++)
        {
            await engine.WaitForRoomAsync(None);
            model.Apply(
                engine,
                EngineModel.Set("a", $"{i}"),
                EngineModel.Set($"key/{i * 31 % Keys:d4}", $"{i}"),
                EngineModel.Set("z", $"{i}"));
            if (i % 25 == 0)
            {
                await engine.FoldAsync(None);
            }
        }

        await stop.CancelAsync();
        (await Task.WhenAll(readers)).ShouldAllBe(reads => reads > 0);
        await model.ShouldMatchAsync(engine);
    }

    private static async Task<int> ReadAsync(ShardEngine engine, CancellationTokenSource stop)
    {
        var reads = 0;
        var newest = 0;
        while (!stop.IsCancellationRequested)
        {
            var key = EngineModel.Bytes($"key/{reads++ * 7 % Keys:d4}");
            (await engine.GetAsync(key, None)).ShouldNotBeNull();
            var first = Number((await engine.GetAsync(EngineModel.Bytes("a"), None))!.Value);
            first.ShouldBeGreaterThanOrEqualTo(newest);
            var last = Number((await engine.GetAsync(EngineModel.Bytes("z"), None))!.Value);
            last.ShouldBeGreaterThanOrEqualTo(first);
            newest = last;
        }

        return reads;
    }

    private static async Task<int> ListAsync(ShardEngine engine, CancellationTokenSource stop)
    {
        var lists = 0;
        while (!stop.IsCancellationRequested)
        {
            var all = await engine.ScanAsync(default, default, Keys + 10, None);
            all.Count.ShouldBe(Keys + 2);
            Number(all[0].Value).ShouldBe(Number(all[^1].Value));
            lists++;
        }

        return lists;
    }

    private static int Number(ReadOnlyMemory<byte> value) =>
        int.Parse(System.Text.Encoding.UTF8.GetString(value.Span), System.Globalization.CultureInfo.InvariantCulture);
}
