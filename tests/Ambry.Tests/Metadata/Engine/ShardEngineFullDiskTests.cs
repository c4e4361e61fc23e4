using Ambry.Log;
using Ambry.Metadata;
using Ambry.Metadata.Engine;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Metadata.Engine;

/// <summary>Folding on a disk without room, wherever in a fold that is met.</summary>
public sealed class ShardEngineFullDiskTests
{
    private static CancellationToken None => CancellationToken.None;

    public static TheoryData<string, string> Places => new()
    {
        { "write", "s0/shard.redo" },
        { "reserve", "s0/shard.db" },
        { "write", "s0/shard.db" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_fold_that_finds_the_disk_full_is_put_off_and_done_when_there_is_room(string call, string path)
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(21));
        await using var engine = await FilledAsync(model);
        Fill(disk, call, path);
        model.ApplyRandom(engine, 500, 4000);
        long folded = engine.FoldedIndex;

        await Should.ThrowAsync<DiskFullException>(async () => await engine.FoldAsync(None));

        engine.HasFailed.ShouldBeFalse();
        engine.FoldedIndex.ShouldBe(folded);
        await model.ShouldMatchAsync(engine);
        model.ApplyRandom(engine, 50, 4000);
        await model.ShouldMatchAsync(engine);

        disk.Fault = null;
        await engine.FoldAsync(None);
        engine.FoldedIndex.ShouldBe(model.NextIndex - 1);
        await model.ShouldMatchAsync(engine);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_power_cut_while_a_fold_is_put_off_leaves_a_state_the_log_completes(string call, string path)
    {
        for (int seed = 1; seed <= 3; seed++)
        {
            var disk = new EngineDisk();
            var model = new EngineModel(disk, new Random(seed));
            var engine = await FilledAsync(model);
            Fill(disk, call, path);
            model.ApplyRandom(engine, 300, 4000);
            await Should.ThrowAsync<DiskFullException>(async () => await engine.FoldAsync(None));
            await engine.CloseAsync();
            disk.PowerCycle(new Random(seed));
            disk.Fault = null;

            engine = await model.OpenAsync();
            engine.WasRebuilt.ShouldBeFalse();
            await model.ShouldMatchAsync(engine, model.StateAt(engine.FoldedIndex));
            model.Replay(engine);
            await model.ShouldMatchAsync(engine);
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_fold_is_tried_again_after_a_pause_without_being_asked()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(22));
        await using var engine = await FilledAsync(model);
        Fill(disk, "write", "s0/shard.redo");
        model.ApplyRandom(engine, 300, 4000);
        await Should.ThrowAsync<DiskFullException>(async () => await engine.FoldAsync(None));
        disk.Fault = null;
        disk.SyncGate = new SemaphoreSlim(1);

        model.Time.Advance(model.Options.FoldRetryPause);

        await disk.SyncReached.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task At_its_limit_the_overlay_is_full_instead_of_waiting_for_ever()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(23))
        {
            Options = new ShardEngineOptions { FoldEntries = 10, OverlayEntriesMax = 50 },
        };
        await using var engine = await model.OpenAsync();
        Fill(disk, "write", "s0/shard.redo");
        for (int i = 0; i < 60; i++)
        {
            model.Apply(engine, EngineModel.Set($"{i}", "v"));
        }

        (await engine.WaitForRoomAsync(None)).ShouldBe(MetadataError.Full);
        (await engine.WaitForRoomAsync(None)).ShouldBe(MetadataError.Full);

        disk.Fault = null;
        await engine.FoldAsync(None);
        (await engine.WaitForRoomAsync(None)).ShouldBe(MetadataError.None);
        await model.ShouldMatchAsync(engine);
    }

    [Fact]
    public async Task Closing_on_a_full_disk_ends_and_opening_on_one_too()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(24));
        var engine = await FilledAsync(model);
        model.ApplyRandom(engine, 300, 4000);
        disk.Fault = (call, _) => call == "sync" ? null : new DiskFullException("full", null);
        await engine.DisposeAsync();

        engine = await model.OpenAsync();
        engine.FoldedIndex.ShouldBeLessThan(model.NextIndex - 1);
        model.Replay(engine);
        await model.ShouldMatchAsync(engine);
        disk.Fault = null;
        await engine.DisposeAsync();
    }

    private static async Task<ShardEngine> FilledAsync(EngineModel model)
    {
        var engine = await model.OpenAsync();
        model.ApplyRandom(engine, 300, 4000);
        await engine.FoldAsync(None);
        return engine;
    }

    private static void Fill(EngineDisk disk, string call, string path) =>
        disk.Fault = (made, at) => made == call && at == path ? new DiskFullException("full", null) : null;
}
