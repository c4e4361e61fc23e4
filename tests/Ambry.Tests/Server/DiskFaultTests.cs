using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

/// <summary>Each way a disk can fail: what stops serving, what serves on, and that all of it comes back.</summary>
public class DiskFaultTests
{
    private static readonly TimeSpan BadInterval = new DiskHealthOptions().ProbeIntervalWhenBad;
    private static readonly TimeSpan Interval = new DiskHealthOptions().ProbeInterval;

    [Theory]
    [InlineData("write")]
    [InlineData("sync")]
    public async Task An_error_of_the_device_takes_the_disk_out_until_it_is_healed(string call)
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);
        Func<string, IOException?> fault = _ => new DiskException(DiskFault.Device, $"EIO of a {call}", null);
        Break(world, call, fault);

        (await world.PutAsync(0, 2)).ShouldBe(PeerError.ReplicaUnavailable);
        (await world.RunAsync(0)).ShouldBe(1);

        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        world.StatusOf(0).Reason!.ShouldContain("EIO");
        world.StatusOf(0).OpenReplicas.ShouldBe(0);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.DiskUnavailable);
        (await world.PutAsync(0, 3)).ShouldBe(PeerError.DiskUnavailable);
        (await world.GetAsync(1, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(1, 2)).ShouldBe(PeerError.None);
        DiskStatus.FaultOf(world.Node.Disks)!.ShouldStartWith("disk /d0 is Failed: ");

        Break(world, call, null);
        world.Time.Advance(BadInterval);
        (await world.RunAsync(0)).ShouldBe(2);

        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 3)).ShouldBe(PeerError.None);
        DiskStatus.FaultOf(world.Node.Disks).ShouldBeNull();
    }

    [Fact]
    public async Task A_disk_that_reads_nothing_any_more_is_taken_out_until_it_is_healed()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
        world.Disks[0].ReadFault = _ => new DiskException(DiskFault.Device, "EIO of a read", null);

        (await world.GetAsync(0, 1)).ShouldBe(PeerError.Corrupt);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.DiskUnavailable);

        world.Disks[0].ReadFault = null;
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_bad_sector_under_one_blob_costs_that_blob_alone()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        await world.PutAsync(0, 2);
        world.Disks[0].ReadFault = path => path.Contains("/log/", StringComparison.Ordinal)
            ? new DiskException(DiskFault.Device, "bad sector", null)
            : null;
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.Corrupt);
        world.Disks[0].ReadFault = null;

        (await world.GetAsync(0, 2)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 3)).ShouldBe(PeerError.None);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        world.Node.Replicas.ShouldAllBe(r => r.IsServing);
    }

    [Fact]
    public async Task A_failed_store_on_a_disk_that_is_well_is_opened_anew_at_once()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 2);
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        world.Disks[0].WriteFault = path => path.StartsWith("partitions/0/", StringComparison.Ordinal)
            ? new DiskException(DiskFault.Device, "one bad sector", null)
            : null;
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.ReplicaUnavailable);
        world.Disks[0].WriteFault = null;

        // One probe, as a fault was met, and one opening.
        (await world.RunAsync(0)).ShouldBe(2);
        (await world.RunAsync(0)).ShouldBe(0);

        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.None);
        (await world.PutAsync(1, 2)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_full_disk_reads_on_and_takes_writes_again_when_there_is_room()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
        world.Disks[0].WriteFault = _ => new DiskFullException("no room", null);
        world.Disks[0].CapacityBytes = 5_000;
        await world.PutAsync(0, 2);

        world.StatusOf(0).State.ShouldBe(DiskState.Full);
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Full);
        (await world.PutAsync(1, 2)).ShouldBe(PeerError.None);
        DiskStatus.FaultOf(world.Node.Disks).ShouldBeNull();

        world.Disks[0].WriteFault = null;
        world.Disks[0].CapacityBytes = long.MaxValue;
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_roll_that_finds_no_room_leaves_reads_and_the_disk_is_full_until_a_segment_fits()
    {
        await using var world = new DiskWorld(disks: 1, partitions: 1);
        await world.OpenAsync();
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
        long used = world.Disks[0].FreeBytes;
        used.ShouldBe(long.MaxValue);
        world.Disks[0].CapacityBytes = 12L << 20;
        int number = 2;
        PeerError put = PeerError.None;
        while (put == PeerError.None && number < 5_000)
        {
            put = await world.PutAsync(0, number++);
        }

        // Eight of twelve MiB are one segment; a second one does not fit, nor what has to stay free behind it.
        put.ShouldBe(PeerError.PartitionReadOnly);
        world.StatusOf(0).State.ShouldBe(DiskState.Full);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Full, "a probe fits, a segment does not");

        world.Disks[0].CapacityBytes = 64L << 20;
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        (await world.PutAsync(0, number)).ShouldBe(PeerError.None);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_read_only_disk_reads_on()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        world.Disks[0].IsReadOnly = true;
        world.Time.Advance(Interval);
        await world.RunAsync(0);

        world.StatusOf(0).State.ShouldBe(DiskState.ReadOnly);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.DiskUnavailable);
        (await world.PutAsync(1, 2)).ShouldBe(PeerError.None);

        world.Disks[0].IsReadOnly = false;
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_store_that_met_a_read_only_disk_waits_until_it_takes_writes()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        world.Disks[0].IsReadOnly = true;
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.ReplicaUnavailable);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.ReadOnly);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.ReplicaUnavailable);

        world.Disks[0].IsReadOnly = false;
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_disk_that_does_not_answer_is_out_after_the_limit_of_a_probe()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        var answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        world.Disks[0].ReadBarrier = answers.Task;
        world.Time.Advance(Interval);
        Task<int> probing = world.RunAsync(0).AsTask();
        probing.IsCompleted.ShouldBeFalse();
        world.Time.Advance(new DiskHealthOptions().ProbeLimit);
        (await probing).ShouldBe(1);

        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.DiskUnavailable);
        (await world.PutAsync(1, 2)).ShouldBe(PeerError.None);
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).Reason!.ShouldContain("still not been answered");

        answers.SetResult();
        world.Disks[0].ReadBarrier = null;
        await ComesBackAsync(world);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_call_that_was_not_answered_takes_the_disk_out_at_once_and_until_it_is()
    {
        await using var world = new DiskWorld();
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        world.Disks[0].WriteFault = _ => new DiskException(DiskFault.Hung, "not answered", null);
        world.Disks[0].HungCalls = 1;
        await world.PutAsync(0, 2);
        world.StatusOf(0).State.ShouldBe(DiskState.Failed);

        // The device answers again, but a late write may still come: nothing is opened on it.
        world.Disks[0].WriteFault = null;
        world.Time.Advance(BadInterval);
        (await world.RunAsync(0)).ShouldBe(1);
        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        world.StatusOf(0).HungCalls.ShouldBe(1);

        world.Disks[0].HungCalls = 0;
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task Another_file_system_at_the_mount_is_not_written_to_and_stores_follow_when_theirs_is_back()
    {
        await using var world = new DiskWorld();
        var mount = new Testing.SimDiskMount(world.Disks[0]);
        world.Replace(0, mount);
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        var below = new Testing.SimDisk();
        mount.Mounted = below;
        world.Time.Advance(Interval);
        await world.RunAsync(0);

        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        world.StatusOf(0).Reason!.ShouldContain("partitions is missing");
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.DiskUnavailable);
        below.ListDirectories("").ShouldBeEmpty();
        below.ListFiles("").ShouldBeEmpty();

        // What was open belongs to the file system of before: opened anew, though it ran.
        mount.Mounted = world.Disks[0];
        world.Time.Advance(BadInterval);
        (await world.RunAsync(0)).ShouldBe(2);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
        (await world.PutAsync(0, 2)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task A_replica_whose_folder_is_gone_is_not_begun_anew()
    {
        await using var world = new DiskWorld();
        var mount = new Testing.SimDiskMount(world.Disks[0]);
        world.Replace(0, mount);
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        world.Disks[0].WriteFault = _ => new DiskException(DiskFault.Device, "EIO", null);
        await world.PutAsync(0, 2);
        var other = new Testing.SimDisk();
        other.CreateDirectory("partitions");
        mount.Mounted = other;

        (await world.RunAsync(0)).ShouldBe(1);
        other.ListDirectories("partitions").ShouldBeEmpty();
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
    }

    [Fact]
    public async Task A_disk_that_did_not_open_is_opened_later()
    {
        await using var world = new DiskWorld { Unopenable = "/d0" };
        await world.OpenAsync();
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.DiskUnavailable);
        (await world.RunAsync(0)).ShouldBe(1);
        world.StatusOf(0).Reason!.ShouldContain("gone");

        world.Unopenable = null;
        (await world.RunAsync(0)).ShouldBe(0, "too early");
        world.Time.Advance(TimeSpan.FromSeconds(1));
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        (await world.PutAsync(0, 1)).ShouldBe(PeerError.None);
    }

    [Fact]
    public async Task With_every_disk_out_the_node_says_so_and_lives()
    {
        var log = new DiskLogLines();
        await using var world = new DiskWorld { Logger = log };
        await world.OpenAsync();
        await world.PutAsync(0, 1);
        Array.ForEach(world.Disks, disk => disk.Broken = DiskFault.Device);
        world.Time.Advance(Interval);
        await world.RunAsync(0);
        DiskStatus.FaultOf(world.Node.Disks)!.ShouldStartWith("disk /d0");
        await world.RunAsync(1);

        DiskStatus.FaultOf(world.Node.Disks)!.ShouldStartWith("no disk serves: ");
        log.Lines.ShouldContain(line => line.Contains("has no disk left that serves"));
        Array.ForEach(world.Disks, disk => disk.Broken = null);
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.None);
    }

    private static void Break(DiskWorld world, string call, Func<string, IOException?>? fault)
    {
        switch (call)
        {
            case "write":
                world.Disks[0].WriteFault = fault;
                break;
            case "sync":
                world.Disks[0].SyncFault = fault;
                break;
            default:
                world.Disks[0].ReadFault = fault;
                break;
        }
    }

    // The late probe ends on another thread.
    private static async Task ComesBackAsync(DiskWorld world)
    {
        for (int i = 0; i < 100_000 && world.StatusOf(0).State != DiskState.Healthy; i++)
        {
            await Task.Yield();
            world.Time.Advance(BadInterval);
            await world.RunAsync(0);
        }

        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
    }
}
