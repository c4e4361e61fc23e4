using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Tests.Server;

namespace Ambry.Integration.Tests.Disks;

/// <summary>
/// Faults of real file systems, mounted for the purpose: what the kernel answers then is what the classes of errors and
/// the way back are made for. Skipped where mounting is not allowed.
/// </summary>
public sealed class RealDiskTests
{
    private const string Tmpfs = "mount -t tmpfs -o size=64m none $1/mnt";
    private const string Ext4 =
        "truncate -s 96M $1/img; mkfs.ext4 -q -F -E nodiscard $1/img; mount -o loop,errors=remount-ro $1/img $1/mnt";

    private static readonly TimeSpan BadInterval = new DiskHealthOptions().ProbeIntervalWhenBad;

    [SkippableFact]
    public async Task A_full_file_system_reads_on_and_takes_writes_again_when_there_is_room()
    {
        using var mount = PrivateMount.TryCreate(Tmpfs, out string reason);
        Skip.If(mount is null, reason);
        await using var world = await OpenAsync(mount.Path);
        int acknowledged = await FillAsync(world, 0, 20);
        mount.TryRun("cat /dev/zero > $1/mnt/filler", out _).ShouldBeFalse("the file system takes no more");
        int number = acknowledged;
        PeerError put = PeerError.None;
        while (put == PeerError.None && number < 10_000)
        {
            put = await world.PutAsync(0, ++number);
            acknowledged += put == PeerError.None ? 1 : 0;
        }

        // What is left of the segment was reserved; the next one finds no room.
        put.ShouldBe(PeerError.PartitionReadOnly);
        world.StatusOf(0).State.ShouldBe(DiskState.Full);
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Full);
        await ShouldHoldAsync(world, 0, acknowledged);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);

        mount.Run("rm $1/mnt/filler");
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        world.StatusOf(0).TotalBytes.ShouldBe(64L << 20);
        (await world.PutAsync(0, number)).ShouldBe(PeerError.None);
        await ShouldHoldAsync(world, 0, acknowledged);
    }

    [SkippableFact]
    public async Task A_file_system_mounted_read_only_is_waited_for()
    {
        using var mount = PrivateMount.TryCreate(Tmpfs, out string reason);
        Skip.If(mount is null, reason);
        await using (var before = await OpenAsync(mount.Path))
        {
            await FillAsync(before, 0, 3);
        }

        mount.Run("mount -o remount,ro $1/mnt");
        await using var world = await OpenAsync(mount.Path);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.ReplicaUnavailable);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.ReadOnly);
        DiskStatus.FaultOf(world.Node.Disks)!.ShouldContain("ReadOnly");
        (await world.PutAsync(0, 4)).ShouldBe(PeerError.DiskUnavailable);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);

        mount.Run("mount -o remount,rw $1/mnt");
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy);
        await ShouldHoldAsync(world, 0, 3);
        (await world.PutAsync(0, 4)).ShouldBe(PeerError.None);
    }

    [SkippableFact]
    public async Task A_file_system_that_falls_back_to_read_only_under_a_store_comes_back_after_a_mount()
    {
        using var mount = PrivateMount.TryCreate(Ext4, out string reason);
        Skip.If(mount is null, reason);
        await using var world = await OpenAsync(mount.Path);
        await FillAsync(world, 0, 3);
        Skip.IfNot(
            mount.TryRun(
                "d=$(basename $(findmnt -n -o SOURCE $1/mnt)); echo 1 > /sys/fs/ext4/$d/trigger_fs_error", out reason),
            $"This kernel does not pretend an error of ext4: {reason}");

        (await world.PutAsync(0, 4)).ShouldBe(PeerError.ReplicaUnavailable);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.ReadOnly, world.StatusOf(0).Reason);
        (await world.PutAsync(0, 5)).ShouldBe(PeerError.DiskUnavailable);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);

        // Nothing is mounted: the empty folder below must not become a new disk.
        mount.Run("umount -l $1/mnt");
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        Directory.GetFileSystemEntries(mount.Path).ShouldBeEmpty();

        mount.Run(MountAgain("$1/img"));
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy, world.StatusOf(0).Reason);
        await ShouldHoldAsync(world, 0, 3);
        (await world.PutAsync(0, 4)).ShouldBe(PeerError.None);
    }

    [SkippableFact]
    public async Task A_device_that_does_not_answer_is_out_until_it_does_and_others_serve()
    {
        using var mount = PrivateMount.TryCreate(Ext4, out string reason);
        Skip.If(mount is null, reason);
        var limits = new FileDiskOptions { WriteLimit = TimeSpan.FromSeconds(1), ReadLimit = TimeSpan.FromSeconds(1) };
        await using var world = await OpenAsync(mount.Path, limits);
        await FillAsync(world, 0, 3);
        Skip.IfNot(mount.TryRun("fsfreeze -f $1/mnt", out reason), $"This file system cannot be frozen: {reason}");

        (await world.PutAsync(0, 4)).ShouldBe(PeerError.ReplicaUnavailable);
        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        world.StatusOf(0).HungCalls.ShouldBe(1);
        (await world.GetAsync(0, 1)).ShouldBe(PeerError.DiskUnavailable);
        (await world.PutAsync(1, 1)).ShouldBe(PeerError.None);
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Failed);
        world.StatusOf(0).OpenReplicas.ShouldBe(0);

        mount.Run("fsfreeze -u $1/mnt");
        SpinWait.SpinUntil(() => world.StatusOf(0).HungCalls == 0, TimeSpan.FromSeconds(30)).ShouldBeTrue();
        world.Time.Advance(BadInterval);
        await world.RunAsync(0);
        world.StatusOf(0).State.ShouldBe(DiskState.Healthy, world.StatusOf(0).Reason);
        await ShouldHoldAsync(world, 0, 3);
        (await world.PutAsync(0, 4)).ShouldBe(PeerError.None);
    }

    // On a device of its own: that of before still belongs to the files that are open, and would be mounted as it is.
    private static string MountAgain(string image) =>
        $"d=$(losetup -f --show {image}); mount $d $1/mnt; s=$?; losetup -d $d; exit $s";

    // Partition 0 on the real disk, partition 1 on a simulated one that is always well.
    private static async Task<DiskWorld> OpenAsync(string path, FileDiskOptions? options = null)
    {
        var world = new DiskWorld();
        world.Replace(0, new FileDisk(Path.Combine(path, "data"), options ?? new FileDiskOptions()));
        await world.OpenAsync();
        return world;
    }

    private static async Task<int> FillAsync(DiskWorld world, uint partition, int count)
    {
        for (int number = 1; number <= count; number++)
        {
            (await world.PutAsync(partition, number)).ShouldBe(PeerError.None);
        }

        return count;
    }

    private static async Task ShouldHoldAsync(DiskWorld world, uint partition, int count)
    {
        for (int number = 1; number <= count; number++)
        {
            (await world.GetAsync(partition, number)).ShouldBe(PeerError.None, $"blob {number}");
        }
    }
}
