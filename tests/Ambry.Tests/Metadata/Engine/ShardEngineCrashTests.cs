using Ambry.Log;
using Ambry.Metadata.Engine;
using Shouldly;
using Xunit;
using Xunit.Abstractions;

namespace Ambry.Tests.Metadata.Engine;

public sealed class ShardEngineCrashTests(ITestOutputHelper output)
{
    private const string DataFile = "s0/shard.db";
    private const string RedoFile = "s0/shard.redo";

    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task A_power_cut_at_every_disk_call_leaves_a_state_the_log_completes()
    {
        var calls = await RunScriptAsync(cutSeed: 0, stopAfter: long.MaxValue);
        calls.ShouldBeGreaterThan(20);
        for (var stop = 0; stop < calls; stop++)
        {
            (await RunScriptAsync(cutSeed: stop, stopAfter: stop)).ShouldBe(stop + 1);
        }
    }

    [Fact]
    public async Task A_power_cut_while_the_redo_file_is_applied_is_made_good_by_the_next_opening()
    {
        var sealedCalls = await CallsUntilSealedAsync();
        for (var stop = 0; stop < 24; stop++)
        {
            var random = new Random(stop);
            var disk = new EngineDisk();
            var model = new EngineModel(disk, random);
            await StopInsideCommitAsync(disk, model, sealedCalls);
            disk.PowerCycle(random);
            disk.StopAfter(stop);
            try
            {
                await (await model.OpenAsync()).CloseAsync();
            }
            catch (IOException)
            {
                output.WriteLine($"opening stopped at call {stop}");
            }

            disk.PowerCycle(random);
            var engine = await model.OpenAsync();
            engine.FoldedIndex.ShouldBe(model.NextIndex - 1);
            await model.ShouldMatchAsync(engine);
            await engine.CloseAsync();
        }
    }

    [Fact]
    public async Task A_redo_file_whose_sync_failed_is_made_durable_before_it_is_copied()
    {
        for (var stop = 0; stop < 24; stop++)
        {
            var disk = new EngineDisk();
            var model = new EngineModel(disk, new Random(stop));
            var engine = await model.OpenAsync();
            model.ApplyRandom(engine, 400, 900);
            await engine.FoldAsync(None);
            model.ApplyRandom(engine, 400, 900);
            // The first sync keeps the slots, the second the header.
            var syncs = 0;
            disk.Fault = (call, path) =>
                call == "sync" && path == RedoFile && ++syncs == 2 ? new IOException("lost") : null;
            await Should.ThrowAsync<ShardFailedException>(async () => await engine.FoldAsync(None));
            await engine.CloseAsync();
            disk.Fault = null;

            // The process starts again over what it can read, and then the power is cut.
            disk.StopAfter(stop);
            try
            {
                await (await model.OpenAsync()).CloseAsync();
            }
            catch (IOException)
            {
                output.WriteLine($"opening stopped at call {stop}");
            }

            disk.PowerCycle(new Random(stop));
            engine = await model.OpenAsync();
            engine.WasRebuilt.ShouldBeFalse();
            await model.ShouldMatchAsync(engine, model.StateAt(engine.FoldedIndex));
            model.Replay(engine);
            await model.ShouldMatchAsync(engine);
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_commit_that_fails_half_way_is_never_read_over_whatever_made_it_fail()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(8));
        var engine = await model.OpenAsync();
        model.ApplyRandom(engine, 400, 900);
        await engine.FoldAsync(None);
        model.ApplyRandom(engine, 400, 900);
        var writes = 0;
        disk.Fault = (call, path) =>
            call == "write" && path == DataFile && ++writes == 1 ? new InvalidOperationException("none left") : null;

        await Should.ThrowAsync<ShardFailedException>(async () => await engine.FoldAsync(None));

        writes.ShouldBe(1);
        disk.FileExists("s0/shard.bad").ShouldBeFalse();
        await engine.CloseAsync();
        disk.Fault = null;
        engine = await model.OpenAsync();
        engine.WasRebuilt.ShouldBeFalse();
        engine.FoldedIndex.ShouldBe(model.NextIndex - 1);
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_leaf_is_found_and_the_shard_rebuilt_from_the_log()
    {
        var disk = new EngineDisk();
        var model = await FoldedAsync(disk, "damage-me");
        Damage(disk, "damage-me");

        var engine = await model.OpenAsync();
        await Should.ThrowAsync<ShardFailedException>(
            async () => await engine.ScanAsync(default, default, 10, None));
        Should.Throw<ShardFailedException>(() => engine.Apply(100, []));
        await engine.DisposeAsync();

        engine = await model.OpenAsync();
        engine.WasRebuilt.ShouldBeTrue();
        engine.FoldedIndex.ShouldBe(0);
        model.Replay(engine);
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();

        engine = await model.OpenAsync();
        engine.WasRebuilt.ShouldBeFalse();
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_leaf_that_the_log_cannot_replace_costs_its_own_keys_and_no_others()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(5));
        var engine = await model.OpenAsync();
        for (var i = 0; i < 1000; i++)
        {
            model.Apply(engine, EngineModel.Set($"key/{i:d4}", $"value-{i:d4}"));
        }

        await engine.FoldAsync(None);
        engine.LeafCount.ShouldBeGreaterThan(2);
        await engine.DisposeAsync();
        Damage(disk, "value-0007");
        engine = await model.OpenAsync();
        await Should.ThrowAsync<ShardFailedException>(
            async () => await engine.GetAsync(EngineModel.Bytes("key/0007"), None));
        await engine.DisposeAsync();

        engine = await model.OpenAsync(oldestReplayableIndex: 900);

        engine.IsDamaged.ShouldBeTrue();
        for (var round = 0; round < 2; round++)
        {
            await Should.ThrowAsync<CorruptRecordException>(
                async () => await engine.GetAsync(EngineModel.Bytes("key/0007"), None));
            var found = await engine.GetAsync(EngineModel.Bytes("key/0900"), None);
            found!.Value.ToArray().ShouldBe(EngineModel.Bytes("value-0900"));
        }

        (await engine.WaitForRoomAsync(None)).ShouldBe(Ambry.Metadata.MetadataError.Unavailable);
        model.Apply(engine, EngineModel.Set("key/0900", "replayed"));
        await engine.FoldAsync(None);
        engine.FoldedIndex.ShouldBe(1001);
        model.Apply(engine, EngineModel.Set("key/0007", "replayed"));
        await Should.ThrowAsync<CorruptRecordException>(async () => await engine.FoldAsync(None));
        engine.HasFailed.ShouldBeFalse();
        (await engine.GetAsync(EngineModel.Bytes("key/0900"), None))!.Value.ToArray()
            .ShouldBe(EngineModel.Bytes("replayed"));
        await engine.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_fault_inside_LiteDB_that_passes_is_got_over_by_reopening(bool whileReading)
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(6));
        var engine = await model.OpenAsync();
        model.ApplyRandom(engine, 500, 1000);
        await engine.DisposeAsync();

        engine = await model.OpenAsync();
        model.ApplyRandom(engine, 50, 1000);
        disk.BadReads = 1;
        if (whileReading)
        {
            await engine.ScanAsync(default, default, 1, None);
        }
        else
        {
            await engine.FoldAsync(None);
        }

        disk.BadReads.ShouldBe(0);
        await model.ShouldMatchAsync(engine);
        await engine.FoldAsync(None);
        await engine.CloseAsync();
        engine = await model.OpenAsync();
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_shard_whose_log_was_cut_is_refused_and_kept()
    {
        var disk = new EngineDisk();
        var model = await FoldedAsync(disk, "value");
        disk.Flip(DataFile, 0);
        disk.Flip(DataFile, 40);
        var before = disk.Bytes(DataFile);
        await Should.ThrowAsync<MappingLostException>(async () => await model.OpenAsync(oldestReplayableIndex: 2));
        disk.Bytes(DataFile).ShouldBe(before);
    }

    [Fact]
    public async Task A_missing_file_is_refused_when_the_log_was_cut()
    {
        var disk = new EngineDisk();
        var model = await FoldedAsync(disk, "value");
        disk.Delete(DataFile);
        await Should.ThrowAsync<MappingLostException>(async () => await model.OpenAsync(oldestReplayableIndex: 2));
        var rebuilt = await model.OpenAsync(oldestReplayableIndex: 1);
        model.Replay(rebuilt);
        await model.ShouldMatchAsync(rebuilt);
        await rebuilt.DisposeAsync();
    }

    [Fact]
    public async Task A_damaged_directory_is_found_at_opening()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(3)) { Options = new ShardEngineOptions() };
        var engine = await model.OpenAsync();
        for (var i = 0; i < 500; i++)
        {
            model.Apply(engine, EngineModel.Set($"key/{i:d3}", "value"));
        }

        await engine.DisposeAsync();
        var bytes = disk.Bytes(DataFile);
        var damaged = 0;
        for (var at = 0; at < bytes.Length - 16; at++)
        {
            // Version, kind and, behind the count, the id of the first directory document.
            if (bytes[at] == PackedRun.FormatVersion && bytes[at + 1] == (byte)RunKind.Directory
                && bytes.AsSpan(at + 4, 4).SequenceEqual((byte[])[1, 0, 0, 0]))
            {
                disk.Flip(DataFile, at + 14);
                damaged++;
            }
        }

        damaged.ShouldBeGreaterThan(0);
        engine = await model.OpenAsync();
        engine.WasRebuilt.ShouldBeTrue();
        await engine.CloseAsync();
    }

    [Fact]
    public async Task A_sealed_redo_file_that_was_damaged_is_not_applied()
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(4));
        await StopInsideCommitAsync(disk, model, await CallsUntilSealedAsync());
        disk.PowerCycle(new Random(4));
        disk.Flip(RedoFile, PageFile.PageBytes + 100);
        var engine = await model.OpenAsync();
        engine.WasRebuilt.ShouldBeTrue();
        model.Replay(engine);
        await model.ShouldMatchAsync(engine);
        await engine.DisposeAsync();
    }

    /// <summary>
    /// Opens, applies and folds, twice, and stops; returns the disk calls it came to. Checks what is left.
    /// </summary>
    private async Task<long> RunScriptAsync(int cutSeed, long stopAfter)
    {
        var disk = new EngineDisk();
        var model = new EngineModel(disk, new Random(77));
        disk.StopAfter(stopAfter);
        ShardEngine? engine = null;
        var durable = 0L;
        try
        {
            engine = await model.OpenAsync();
            for (var fold = 0; fold < 2; fold++)
            {
                model.ApplyRandom(engine, 100, 400);
                await engine.FoldAsync(None);
                durable = engine.FoldedIndex;
            }
        }
        catch (Exception fault) when (fault is IOException or ShardFailedException)
        {
            output.WriteLine($"stop {stopAfter}, seed of the cut {cutSeed}: {fault.Message}");
        }

        if (engine is not null)
        {
            await engine.CloseAsync();
        }

        var calls = disk.Calls;
        disk.PowerCycle(new Random(cutSeed));
        await using var reopened = await model.OpenAsync();
        reopened.FoldedIndex.ShouldBeGreaterThanOrEqualTo(durable);
        reopened.WasRebuilt.ShouldBeFalse();
        await model.ShouldMatchAsync(reopened, model.StateAt(reopened.FoldedIndex));
        model.Replay(reopened);
        await model.ShouldMatchAsync(reopened);
        return calls;
    }

    /// <summary>The calls of the script below up to and including the sync of the redo header.</summary>
    private static async Task<long> CallsUntilSealedAsync()
    {
        for (var stop = 1; ; stop++)
        {
            var disk = new EngineDisk();
            var model = new EngineModel(disk, new Random(1));
            await StopInsideCommitAsync(disk, model, stop);
            disk.PowerCycle(new Random(1));
            var engine = await model.OpenAsync();
            var complete = engine.FoldedIndex > 0;
            await engine.CloseAsync();
            if (complete)
            {
                // A header that was written but not synced may have survived; one call later it was synced.
                return stop + 1;
            }
        }
    }

    private static async Task StopInsideCommitAsync(EngineDisk disk, EngineModel model, long stopAfter)
    {
        disk.StopAfter(stopAfter);
        try
        {
            var engine = await model.OpenAsync();
            for (var i = 0; i < 300; i++)
            {
                model.Apply(engine, EngineModel.Set($"key/{i:d3}", "value"));
            }

            await engine.DisposeAsync();
        }
        catch (IOException)
        {
            // Stopped while opening.
            return;
        }
    }

    private static async Task<EngineModel> FoldedAsync(EngineDisk disk, string value)
    {
        var model = new EngineModel(disk, new Random(2));
        var engine = await model.OpenAsync();
        model.Apply(engine, EngineModel.Set("a", value), EngineModel.Set("b", "other"));
        await engine.DisposeAsync();
        return model;
    }

    private static void Damage(EngineDisk disk, string value)
    {
        var at = disk.Bytes(DataFile).AsSpan().IndexOf(EngineModel.Bytes(value));
        at.ShouldBeGreaterThan(0);
        disk.Flip(DataFile, at);
    }
}
