using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

public class DiskReopeningTests
{
    [Fact]
    public async Task Tries_to_open_a_store_grow_apart_up_to_ten_minutes_and_are_close_again_after_peace()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 2);
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        var tries = new List<double>();
        DateTimeOffset start = world.Time.GetUtcNow();
        FailPartition0(world, () => tries.Add((world.Time.GetUtcNow() - start).TotalSeconds));
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.ReplicaUnavailable);
        for (int second = 0; second < 3000; second++)
        {
            await world.RunAsync(0);
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        tries.Distinct().ShouldBe([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1623, 2223, 2823]);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);

        world.Disks[0].Opening = null;
        world.Disks[0].WriteFault = null;
        world.Time.Advance(TimeSpan.FromMinutes(10));
        await world.RunAsync(0);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        world.Time.Advance(TimeSpan.FromMinutes(20));
        tries.Clear();
        start = world.Time.GetUtcNow();
        FailPartition0(world, () => tries.Add((world.Time.GetUtcNow() - start).TotalSeconds));
        await world.PutAsync(0, 3);
        for (int second = 0; second < 10; second++)
        {
            await world.RunAsync(0);
            world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        tries.Distinct().ShouldBe([0, 1, 3, 7]);
    }

    [Fact]
    public async Task A_quarantined_store_is_left_alone()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 1);
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        await world.PutAsync(0, 2);
        await world.DisposeAsync();
        string log = $"partitions/0/log/{world.Disks[0].ListFiles("partitions/0/log")[0]}";

        // The first header of a record that a later one proves to have been durable, and no index that would skip it.
        world.Disks[0].FlipBit(log, 4096 + 20, 0);
        Testing.SimDisk disk = world.Disks[0];
        foreach (string index in disk.ListFiles("partitions/0/index"))
        {
            disk.Delete($"partitions/0/index/{index}");
        }

        await world.OpenAsync();
        world.Node.Replicas[0].IsServing.ShouldBeFalse();
        world.Node.Replicas[0].Reason!.ShouldNotStartWith("did not open");
        int opened = 0;
        disk.Opening = path => opened += path.EndsWith(".descriptor", StringComparison.Ordinal) ? 1 : 0;
        for (int hour = 0; hour < 5; hour++)
        {
            world.Time.Advance(TimeSpan.FromHours(1));
            await world.RunAsync(0);
        }

        opened.ShouldBe(0);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
    }

    [Fact]
    public async Task A_request_in_flight_ends_on_the_store_it_began_with()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 1);
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Disks[0].ReadBarrier = answers.Task;
        Task<PeerError> reading = world.GetAsync(0, 1);
        reading.IsCompleted.ShouldBeFalse();
        world.Disks[0].ReadBarrier = null;
        world.Disks[0].WriteFault = _ => new IOException("nobody knows why");
        await world.PutAsync(0, 2);
        world.Disks[0].WriteFault = null;

        Task<int> reopening = world.RunAsync(0).AsTask();
        reopening.IsCompleted.ShouldBeFalse("the old store waits for its reader");
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        answers.SetResult();

        (await reading).ShouldBe(PeerError.None);
        (await reopening).ShouldBe(1);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_store_that_another_holds_is_opened_when_it_is_free()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 2);
        world.Disks[0].CreateDirectory("partitions/0");
        IDisposable held = world.Disks[0].TryLock("partitions/0/store.lock")!;
        await world.OpenAsync();
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);
        world.Node.Replicas.Single(r => !r.IsServing).Reason!.ShouldContain("open already");

        held.Dispose();
        await world.RunAsync(0);
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_closed_node_opens_nothing()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 1);
        await world.OpenAsync();
        await world.DisposeAsync();
        world.Time.Advance(TimeSpan.FromHours(1));

        (await world.RunAsync(0)).ShouldBe(0);
    }

    [Fact]
    public async Task Errors_without_a_success_between_them_put_a_disk_out_before_its_probe()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 12);
        await world.OpenAsync();
        world.Disks[0].SyncFault = _ => new DiskException(DiskFault.Device, "EIO", null);
        for (uint partition = 0; partition < 9; partition++)
        {
            await world.PutAsync(partition, 1);
        }

        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        world.Disks[0].SyncFault = null;
        (await world.PutAsync(11, 1)).ShouldBe(PeerError.None);
        world.Disks[0].SyncFault = _ => new DiskException(DiskFault.Device, "EIO", null);
        await world.PutAsync(9, 1);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy, "a success starts the count anew");
    }

    [Fact]
    public async Task A_dead_disk_is_out_after_ten_errors()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 12);
        await world.OpenAsync();
        world.Disks[0].Broken = DiskFault.Device;
        for (uint partition = 0; partition < 10; partition++)
        {
            (await world.PutAsync(partition, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        }

        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        (await world.PutAsync(11, 1)).ShouldBe(PeerError.DiskUnavailable);
    }

    [Fact]
    public async Task A_start_names_foreign_folders_and_a_disk_that_is_too_small_and_touches_nothing()
    {
        var log = new DiskLogLines();
        await using var world = new DiskWorld(disks: 1, partitions: 2) { Logger = log };
        world.Disks[0].CreateDirectory("partitions/77");
        world.Disks[0].CapacityBytes = 40L << 20;
        await world.OpenAsync();

        log.Lines.ShouldContain(line => line.Contains("partitions/77"));
        log.Lines.ShouldContain(line => line.Contains("has 41943040 bytes") && line.Contains("grow to 67108864"));
        world.StatusOf(0).IsOvercommitted.ShouldBeTrue();
        world.Disks[0].ListDirectories("partitions").ShouldContain("77");
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task Stores_of_one_disk_open_a_few_at_once()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 10);
        await world.OpenAsync();
        await world.DisposeAsync();
        int begun = 0;
        world.Disks[0].Opening = path => begun += path.EndsWith(".descriptor", StringComparison.Ordinal) ? 1 : 0;
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Disks[0].ReadBarrier = answers.Task;
        Task opening = world.OpenAsync();
        begun.ShouldBe(new DiskHealthOptions().OpeningsAtOnce);

        answers.SetResult();
        await opening;
        begun.ShouldBe(10);
        world.StatusOf(0).OpenReplicas.ShouldBe(10);
    }

    // Every opening of the store fails at its log, after it was counted.
    private static void FailPartition0(DiskWorld world, Action tried)
    {
        world.Disks[0].WriteFault = path => path.StartsWith("partitions/0/", StringComparison.Ordinal)
            ? new IOException("nobody knows why")
            : null;
        world.Disks[0].Opening = path =>
        {
            if (path.StartsWith("partitions/0/log", StringComparison.Ordinal))
            {
                tried();
                throw new IOException("nobody knows why");
            }
        };
    }
}
