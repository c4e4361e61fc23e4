using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Metadata.Engine;

public sealed class ShardEngineTests(ITestOutputHelper output)
{
    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_changes_folds_and_stops_leave_what_a_dictionary_has(int seed)
    {
        var disk = new EngineDisk();
        var random = NewRandom(seed);
        var model = new EngineModel(disk, random);
        var engine = await model.OpenAsync();
        for (var round = 0; round < 15; round++)
        {
            model.ApplyRandom(engine, random.Next(1, 300), random.Next(2) == 0 ? 300 : 3000);
            switch (random.Next(4))
            {
                case 0:
                    await engine.FoldAsync(None);
                    engine.OverlayCount.ShouldBe(0);
                    break;
                case 1:
                    await engine.DisposeAsync();
                    engine = await model.OpenAsync();
                    engine.FoldedIndex.ShouldBe(model.NextIndex - 1);
                    break;
                case 2:
                    await engine.CloseAsync();
                    disk.PowerCycle(random);
                    engine = await model.OpenAsync();
                    await model.ShouldMatchAsync(engine, model.StateAt(engine.FoldedIndex));
                    model.Replay(engine);
                    break;
                default:
                    break;
            }

            await model.ShouldMatchAsync(engine);
        }

        await engine.DisposeAsync();
    }

    [Fact]
    public async Task An_index_that_was_applied_is_ignored()
    {
        var model = new EngineModel(new EngineDisk(), NewRandom(1));
        await using var engine = await model.OpenAsync();
        model.Apply(engine, EngineModel.Set("a", "1"));
        engine.Apply(1, [EngineModel.Set("a", "2")]);
        await model.ShouldMatchAsync(engine);
        await engine.FoldAsync(None);
        engine.Apply(1, [EngineModel.Set("a", "2")]);
        await model.ShouldMatchAsync(engine);
    }

    [Fact]
    public async Task Long_keys_that_differ_in_their_last_bytes_stay_apart()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, NewRandom(5));
        var engine = await model.OpenAsync();
        for (var i = 0; i < 2000; i += 10)
        {
            var first = i;
            model.Apply(engine, [.. Enumerable.Range(0, 10).Select(j => LongKey((first + j) * 31 % 2000))]);
        }

        await engine.FoldAsync(None);
        engine.LeafCount.ShouldBeGreaterThan(15);
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();
        engine = await model.OpenAsync();
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();

        static ShardChange LongKey(int i) => EngineModel.Set(new string('k', 1020) + i.ToString("d4"), $"{i}");
    }

    [Fact]
    public async Task Leaves_split_when_they_grow_and_join_when_they_shrink()
    {
        var model = new EngineModel(new EngineDisk(), NewRandom(6));
        await using var engine = await model.OpenAsync();
        for (var i = 0; i < 5000; i++)
        {
            model.Apply(engine, EngineModel.Set($"{i * 7 % 5000:d5}", model.Value()));
        }

        await engine.FoldAsync(None);
        engine.LeafCount.ShouldBeInRange(5000 / 128, 5000 / 48);
        for (var i = 0; i < 5000; i++)
        {
            if (i % 50 != 0)
            {
                model.Apply(engine, EngineModel.Remove($"{i:d5}"));
            }
        }

        await engine.FoldAsync(None);
        await model.ShouldMatchAsync(engine);
        engine.LeafCount.ShouldBeLessThan(10);
    }

    [Fact]
    public async Task A_directory_of_several_pages_survives_a_restart()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, NewRandom(7)) { Options = new ShardEngineOptions() };
        var engine = await model.OpenAsync();
        var value = new string('v', 3000);
        for (var i = 0; i < 6000; i++)
        {
            model.Apply(engine, EngineModel.Set($"{i * 7 % 6000:d5}", value));
        }

        await engine.FoldAsync(None);
        engine.LeafCount.ShouldBeGreaterThan(LeafLimits.DirectoryEntriesMax);
        await engine.DisposeAsync();
        engine = await model.OpenAsync();
        await model.ShouldMatchAsync(engine);
        for (var i = 0; i < 6000; i++)
        {
            model.Apply(engine, EngineModel.Remove($"{i:d5}"));
        }

        await engine.DisposeAsync();
        engine = await model.OpenAsync();
        await model.ShouldMatchAsync(engine);
        engine.LeafCount.ShouldBe(1);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_listing_reads_as_many_leaves_as_its_page_fills()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, NewRandom(8)) { Options = new ShardEngineOptions() };
        var engine = await model.OpenAsync();
        for (var i = 0; i < 20_000; i++)
        {
            model.Apply(engine, EngineModel.Set($"{i * 7 % 20_000:d5}", "some value"));
        }

        await engine.DisposeAsync();
        engine = await model.OpenAsync();
        var page = await engine.ScanAsync(EngineModel.Bytes("05000"), default, 1000, None);
        page.Count.ShouldBe(1000);
        engine.LeavesRead.ShouldBeLessThan((1000 / 48) + 2);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_long_overlay_asks_the_caller_to_wait_and_folds()
    {
        var disk = new EngineDisk { SyncGate = new SemaphoreSlim(1) };
        var model = new EngineModel(disk, NewRandom(9))
        {
            Options = new ShardEngineOptions { FoldEntries = 10, OverlayEntriesMax = 50 },
        };
        await using var engine = await model.OpenAsync();
        await disk.SyncGate.WaitAsync();
        for (var i = 0; i < 60; i++)
        {
            model.Apply(engine, EngineModel.Set($"{i}", "v"));
        }

        var room = engine.WaitForRoomAsync(None).AsTask();
        room.IsCompleted.ShouldBeFalse();
        disk.SyncGate.Release();
        await room;
        engine.OverlayCount.ShouldBeLessThan(50);
    }

    [Fact]
    public async Task Age_alone_folds()
    {
        var model = new EngineModel(new EngineDisk(), NewRandom(10));
        await using var engine = await model.OpenAsync();
        model.Apply(engine, EngineModel.Set("a", "1"));
        engine.FoldedIndex.ShouldBe(0);
        model.Time.Advance(model.Options.FoldAgeMax);
        await engine.FoldAsync(None);
        engine.FoldedIndex.ShouldBe(1);
    }

    [Fact]
    public async Task A_cached_look_up_does_not_wait_for_a_fold_under_way()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, NewRandom(11));
        await using var engine = await model.OpenAsync();
        model.Apply(engine, EngineModel.Set("a", "1"));
        await engine.FoldAsync(None);
        await engine.GetAsync(EngineModel.Bytes("a"), None);

        disk.SyncGate = new SemaphoreSlim(0);
        model.Apply(engine, EngineModel.Set("b", "2"));
        var fold = engine.FoldAsync(None).AsTask();
        await disk.SyncReached.Task;
        var cached = engine.GetAsync(EngineModel.Bytes("a"), None);
        cached.IsCompletedSuccessfully.ShouldBeTrue();
        (await cached).ShouldNotBeNull();
        fold.IsCompleted.ShouldBeFalse();
        disk.SyncGate.Release();
        await fold;
    }

    private Random NewRandom(int seed)
    {
        output.WriteLine($"seed {seed}");
        return new Random(seed);
    }
}
