using Ambry.Protocol;
using Ambry.Replication;
using Ambry.Store;
using Ambry.Testing;
using Ambry.Testing.Replication;
using Shouldly;
using Xunit;
using static Ambry.Tests.Replication.ReplicationKit;

namespace Ambry.Tests.Replication;

/// <summary>Peers and stores that do not do what they should.</summary>
public class TroubleTests
{
    private static readonly PartitionId P1 = new(1);

    [Fact]
    public async Task A_damaged_blob_holds_its_partition_up_for_three_rounds_and_the_others_not_at_all()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(
            new ReplicationShape { NodesPerDataCenter = 2, Partitions = 2 });
        await PutAsync(world, 0, 2, 5000);
        await PutAsync(world, 0, 4, 5000);
        await PutAsync(world, 0, 1, 5000, P1);
        Damage(world[0].Disk, 2, 5000);

        await world.RunAsync(TimeSpan.FromMilliseconds(300));
        await ShouldHoldAsync(world, 1, 1, 5000, P1);
        world[1].Engine.Lags.Single(lag => lag.Partition == P0).Pulled.Lsn.ShouldBe(0);
        await world.RunAsync(TimeSpan.FromSeconds(6));

        await ShouldHoldAsync(world, 1, 4, 5000);
        (await ErrorOfAsync(world, 1, 2)).ShouldBe(StoreError.NotFound);
        CorruptItem item = world[1].Engine.CorruptItems.ShouldHaveSingleItem();
        (item.Id, item.Peer, item.Error).ShouldBe((Id(2), world[0].Id, PeerError.Corrupt));
        world[1].Engine.Lags.Single(lag => lag.Partition == P0).CorruptItems.ShouldBe(1);
    }

    [Fact]
    public async Task A_good_copy_from_another_peer_clears_the_record_and_mends_the_damaged_one()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await PutAsync(world, 0, 2, 5000);
        Damage(world[0].Disk, 2, 5000);
        await world.RunAsync(TimeSpan.FromSeconds(10));
        world[1].Engine.CorruptItems.Count.ShouldBe(1);
        world[2].Engine.CorruptItems.Count.ShouldBe(1);

        await PutAsync(world, 1, 2, 5000);
        await world.RunAsync(TimeSpan.FromSeconds(60));

        world[2].Engine.CorruptItems.ShouldBeEmpty();
        for (int node = 0; node < 3; node++)
        {
            await ShouldHoldAsync(world, node, 2, 5000);
        }
    }

    [Fact]
    public async Task Content_that_was_changed_on_its_way_is_not_stored()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { NodesPerDataCenter = 2 });
        await PutAsync(world, 0, 1, 5000);
        world.Network.ChangeFetch = (_, response) =>
        {
            FetchedBlob blob = response.Blobs[0];
            byte[] changed = blob.Content.ToArray();
            changed[17] ^= 1;
            return new FetchBlobsResponse(PeerError.None, [blob with { Content = changed }], response);
        };
        await world.RunAsync(TimeSpan.FromMilliseconds(500));
        (await ErrorOfAsync(world, 1, 1)).ShouldBe(StoreError.NotFound);

        world.Network.ChangeFetch = null;
        await world.RunAsync(TimeSpan.FromSeconds(3));
        await ShouldHoldAsync(world, 1, 1, 5000);
        world[1].Engine.CorruptItems.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_id_with_other_bytes_is_said_aloud_and_passed_over()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { NodesPerDataCenter = 2 });
        await PutAsync(world, 0, 1, 500);
        await PutAsync(world, 1, 1, 501);
        await PutAsync(world, 0, 2, 500);

        await world.RunAsync(TimeSpan.FromSeconds(2));

        await ShouldHoldAsync(world, 1, 2, 500);
        await ShouldHoldAsync(world, 0, 1, 500);
        await ShouldHoldAsync(world, 1, 1, 501);
        world[1].Engine.CorruptItems.ShouldHaveSingleItem().Error.ShouldBe(PeerError.AlreadyExists);
    }

    [Fact]
    public async Task A_full_store_waits_for_room_and_the_others_go_on()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(
            new ReplicationShape { NodesPerDataCenter = 2, Partitions = 2 });
        await world[1].WipeAsync();
        world[1].Disk.KeepsReservations = true;
        world[1].Disk.CapacityBytes = 20_000_000;
        await world[1].StartAsync();
        for (int number = 1; number <= 3; number++)
        {
            await PutAsync(world, 0, number, 4_000_000);
        }

        await PutAsync(world, 0, 4, 100, P1);
        await world.RunAsync(TimeSpan.FromSeconds(2));
        await ShouldHoldAsync(world, 1, 2, 4_000_000);
        (await ErrorOfAsync(world, 1, 3)).ShouldBe(StoreError.NotFound);
        await ShouldHoldAsync(world, 1, 4, 100, P1);
        ReplicaLag full = world[1].Engine.Lags.Single(lag => lag.Partition == P0);
        (full.LastError, full.LagBytes >= 4_000_000).ShouldBe((PeerError.DiskUnavailable, true));

        world[1].Disk.CapacityBytes = long.MaxValue;
        await world.RunAsync(TimeSpan.FromSeconds(31));
        await ShouldHoldAsync(world, 1, 3, 4_000_000);
    }

    [Fact]
    public async Task A_store_that_failed_is_skipped_and_the_others_go_on()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(
            new ReplicationShape { NodesPerDataCenter = 2, Partitions = 2 });
        world[1].Disk.WriteFault = path => path.Contains("disk0/0/", StringComparison.Ordinal)
            ? new IOException("broken")
            : null;
        await PutAsync(world, 0, 1);
        await PutAsync(world, 0, 2, 100, P1);

        await world.RunAsync(TimeSpan.FromSeconds(5));

        world[1].Store(P0).Status.State.ShouldBe(StoreState.Failed);
        await ShouldHoldAsync(world, 1, 2, 100, P1);
        var request = new ReplicaMetadataRequest(
            world[0].Id, [new ReplicaPosition(P0, default, default), new ReplicaPosition(P1, default, default)], 10);
        ReplicaMetadataResponse answer = await world[1].Engine.AnswerAsync(request, NoToken);
        answer.Partitions.Select(changes => changes.Error).ShouldBe([PeerError.ReplicaUnavailable, PeerError.None]);
    }

    [Fact]
    public async Task A_peer_that_never_answers_holds_one_worker_and_nobody_else()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync();
        await world.RunAsync(TimeSpan.FromSeconds(1));
        var hung = new TaskCompletionSource();
        DataNodeId dead = world[2].Id;
        world.Network.Gate = (call, token) => call.To == dead ? HangAsync(hung.Task, token) : Task.CompletedTask;
        await PutAsync(world, 0, 1, 5000);
        ReplicationEngine engine = world[1].Engine;
        List<Task<int>> rounds = [];
        for (int i = 0; i < 20; i++)
        {
            // Each worker runs on its own, as in a real node: one of them hangs.
            rounds.AddRange(engine.Workers.Select(worker => worker.RunOnceAsync(NoToken).AsTask()));
            world.Time.Advance(ReplicationWorld.Tick);
        }

        await ShouldHoldAsync(world, 1, 1, 5000);
        rounds.Count(round => !round.IsCompleted).ShouldBe(1);
        world.Time.Advance(world[1].Options.RequestTimeout);
        await Task.WhenAll(rounds);
        world[1].Engine.Lags.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_peer_whose_answers_make_no_sense_moves_no_token()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { NodesPerDataCenter = 2 });
        await world.RunAsync(TimeSpan.FromSeconds(2));
        await PutAsync(world, 0, 1);
        FindToken before = world[1].Engine.Lags[0].Pulled;
        world.Network.ChangeMetadata = (_, response) => response with
        {
            Partitions = [response.Partitions[0] with { LastLsn = -1 }],
        };
        await world.RunAsync(TimeSpan.FromSeconds(2));
        (world[1].Engine.Lags[0].Pulled, world[1].Engine.Lags[0].LastError).ShouldBe((before, PeerError.BadRequest));

        world.Network.ChangeMetadata = (_, _) => new ReplicaMetadataResponse(PeerError.None, []);
        await world.RunAsync(TimeSpan.FromSeconds(2));
        world[1].Engine.Lags[0].Pulled.ShouldBe(before);
        world.Network.ChangeMetadata = null;
        await world.RunAsync(TimeSpan.FromSeconds(31));
        await ShouldHoldAsync(world, 1, 1);
    }

    [Fact]
    public async Task Fetches_that_are_answered_in_part_are_asked_again()
    {
        ReplicationWorld world = await ReplicationWorld.StartAsync(new ReplicationShape { NodesPerDataCenter = 2 });
        for (int number = 1; number <= 20; number++)
        {
            await PutAsync(world, 0, number, 3000);
        }

        world.Network.ChangeFetch = (_, response) =>
            new FetchBlobsResponse(PeerError.None, [.. response.Blobs.Take(3)], response);
        await world.RunAsync(TimeSpan.FromSeconds(1));

        for (int number = 1; number <= 20; number++)
        {
            await ShouldHoldAsync(world, 1, number, 3000);
        }
    }

    private static async Task HangAsync(Task until, CancellationToken token)
    {
        var cancelled = new TaskCompletionSource();
        await using CancellationTokenRegistration registration = token.Register(() => cancelled.TrySetCanceled(token));
        await await Task.WhenAny(until, cancelled.Task);
    }

    private static void Damage(SimDisk disk, int number, int length)
    {
        string path = $"disk0/0/log/{disk.ListFiles("disk0/0/log").Single()}";
        int at = disk.Contents(path).AsSpan().IndexOf(Content(number, length));
        at.ShouldBeGreaterThan(0);
        disk.FlipBit(path, at + (length / 2), 3);
    }
}
