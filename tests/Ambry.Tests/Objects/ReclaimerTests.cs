using Ambry.Metadata;
using Ambry.Objects;
using Ambry.Protocol;
using Ambry.Testing.Peers;
using Ambry.Tests.Router;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Objects;

public sealed class ReclaimerTests
{
    [Fact]
    public async Task With_nothing_to_do_it_says_so()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("k", [1]);

        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(0);

        world.LiveBlobs.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_blob_that_cannot_be_deleted_now_stays_queued_and_others_go()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        var stuck = await world.PutWellAsync("a", [1]);
        await world.PutWellAsync("b", [2]);
        await DeleteAsync(world, "a", "b");
        world.Routing.Peers.FaultBefore = call =>
            call.Operation == PeerOperation.Delete && call.Id == stuck.Entry.Handle.Id
                ? PeerError.Unreachable
                : PeerError.None;

        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(1);
        world.LiveBlobs.ShouldBe([stuck.Entry.Handle.Id]);

        world.Routing.Peers.FaultBefore = null;
        world.Routing.Time.Advance(TimeSpan.FromMinutes(10));
        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(1);
        world.LiveBlobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_that_stopped_half_way_is_finished()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("k", RouterWorld.Bytes(5 * RouterWorld.ChunkBytes));
        await DeleteAsync(world, "k");
        int deletes = 0;
        world.Routing.Peers.FaultBefore = call =>
            call.Operation == PeerOperation.Delete && ++deletes > 5 ? PeerError.Unreachable : PeerError.None;
        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(0);
        int left = world.LiveBlobs.Count;
        left.ShouldBeInRange(1, 5);

        world.Routing.Peers.FaultBefore = null;
        world.Routing.Time.Advance(TimeSpan.FromMinutes(10));
        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(1);

        world.LiveBlobs.ShouldBeEmpty();
        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task Work_whose_acknowledgement_was_lost_is_done_again_without_harm()
    {
        await using var world = await ObjectsWorld.CreateAsync();
        await world.PutWellAsync("a", [1]);
        (await world.CopyAsync("a", "b")).Error.ShouldBe(ObjectError.None);
        await world.PutWellAsync("b", [2]);
        world.Metadata.Before = name => name == nameof(IMetadataStore.AcknowledgeReclaimAsync)
            ? throw new IOException("The process stops here.")
            : Task.CompletedTask;
        (await world.Reclaimer.RunOnceAsync(default)).ShouldBe(0);
        world.Metadata.Before = null;

        await world.ReclaimAsync();

        (await world.ReadAsync("a")).ShouldBe([1]);
        (await world.ReadAsync("b")).ShouldBe([2]);
        await DeleteAsync(world, "a", "b");
        await world.ReclaimAsync();
        world.LiveBlobs.ShouldBeEmpty();
    }

    private static async Task DeleteAsync(ObjectsWorld world, params string[] keys)
    {
        foreach (string key in keys)
        {
            (await world.Store.DeleteObjectAsync(ObjectsWorld.Path(key), default, default)).ShouldBe(ObjectError.None);
        }
    }
}
