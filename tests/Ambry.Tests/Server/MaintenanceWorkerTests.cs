using Ambry.ClusterMap;
using Ambry.Log;
using Ambry.Protocol;
using Ambry.Server;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Ambry.Testing.Peers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Server;

/// <summary>Two partitions of small segments, on one disk or on two, and a day of retention.</summary>
public class MaintenanceWorkerTests
{
    private const int Blobs = 60;

    private static readonly DataNodeId Node = new("localhost", 6667);
    private static readonly DataCenterId Local = new(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly SimDisk[] _disks = [new(), new()];

    [Fact]
    public async Task Compaction_waits_for_the_retention_and_then_frees_the_space_of_every_store()
    {
        await using StorageNode node = await OpenAsync(OneDisk());
        await FillAsync(node);
        CompactionWorker worker = node.Maintenance.Compaction.ShouldHaveSingleItem();
        long[] used = Used(node);
        (await worker.RunOnceAsync(default)).ShouldBe(0);
        await DeleteMostAsync(node);
        (await worker.RunOnceAsync(default)).ShouldBe(0);
        _time.Advance(TimeSpan.FromHours(23));
        (await worker.RunOnceAsync(default)).ShouldBe(0);
        Used(node).Zip(used).ShouldAllBe(pair => pair.First >= pair.Second);

        _time.Advance(TimeSpan.FromHours(2));
        (await worker.RunOnceAsync(default)).ShouldBeGreaterThanOrEqualTo(2);
        Used(node).Zip(used).ShouldAllBe(pair => pair.First < pair.Second / 2);
        await ShouldHoldAsync(node);
        (await worker.RunOnceAsync(default)).ShouldBe(0);
    }

    [Fact]
    public async Task A_store_in_which_nothing_changed_is_not_read_again()
    {
        await using StorageNode node = await OpenAsync(OneDisk());
        await FillAsync(node);
        CompactionWorker worker = node.Maintenance.Compaction[0];
        await worker.RunOnceAsync(default);
        int reads = 0;
        _disks[0].ReadFault = _ =>
        {
            reads++;
            return null;
        };
        _time.Advance(TimeSpan.FromMinutes(10));
        await worker.RunOnceAsync(default);
        reads.ShouldBe(0);

        // Blobs that came since may have an expiry.
        await node.PutAsync(Put(0, 999), default);
        _time.Advance(TimeSpan.FromDays(1));
        await worker.RunOnceAsync(default);
        reads.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task What_is_asked_for_is_done_at_once_and_told()
    {
        await using StorageNode node = await OpenAsync(OneDisk(), retention: TimeSpan.Zero);
        await FillAsync(node);
        await DeleteMostAsync(node);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        long used = Used(node).Sum();
        CompactionRound round = (await node.Maintenance.TryCompactAsync(default)).ShouldNotBeNull();
        round.Failed.ShouldBe(0);
        round.Stores.Select(s => s.Partition.Value).ShouldBe([0u, 1u]);
        round.Stores.ShouldAllBe(s => s.Cycles > 0 && s.BytesFreed > 0);
        round.BytesFreed.ShouldBe(used - Used(node).Sum());
        round.Stores.Sum(s => s.UsedBytes).ShouldBe(Used(node).Sum());
        await ShouldHoldAsync(node);
    }

    [Fact]
    public async Task One_look_serves_every_choice_that_it_allows()
    {
        var policy = new OneSegmentAtATime();
        await using StorageNode node = await OpenAsync(OneDisk(), retention: TimeSpan.Zero, policy: policy);
        await FillAsync(node);
        await DeleteMostAsync(node);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        long used = Used(node).Sum();
        (await node.Maintenance.Compaction[0].RunOnceAsync(default)).ShouldBeGreaterThanOrEqualTo(4);

        policy.Chosen.ShouldBeGreaterThan(policy.Looks);
        Used(node).Sum().ShouldBeLessThan(used / 2);
        await ShouldHoldAsync(node);
    }

    [Fact]
    public async Task Two_disks_are_compacted_side_by_side_and_one_that_is_full_fails_alone()
    {
        await using StorageNode node = await OpenAsync(TwoDisks(), retention: TimeSpan.Zero);
        await FillAsync(node);
        await DeleteMostAsync(node);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        node.Maintenance.Compaction.Select(w => w.MountPath).ShouldBe(["/d0", "/d1"], ignoreOrder: true);
        _disks[1].WriteFault = path => path.Contains("/log/2147483", StringComparison.Ordinal)
            ? new DiskFullException("full", null)
            : null;
        CompactionRound round = (await node.Maintenance.TryCompactAsync(default)).ShouldNotBeNull();
        round.Stores.Single(s => s.Partition.Value == 0).BytesFreed.ShouldBeGreaterThan(0);
        round.Stores.Single(s => s.Partition.Value == 1).Error.ShouldBe(Ambry.Store.StoreError.Full);
        round.Failed.ShouldBe(1);

        // What was due stays due.
        _disks[1].WriteFault = null;
        int cycles = 0;
        foreach (CompactionWorker worker in node.Maintenance.Compaction)
        {
            cycles += await worker.RunOnceAsync(default);
        }

        cycles.ShouldBeGreaterThan(0);
        await ShouldHoldAsync(node);
    }

    [Fact]
    public async Task A_second_round_is_refused_while_one_goes_on()
    {
        await using StorageNode node = await OpenAsync(OneDisk(), TimeSpan.Zero, compactionRate: 4096);
        await FillAsync(node);
        await DeleteMostAsync(node);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        using var stop = new CancellationTokenSource();
        Task<CompactionRound?> first = node.Maintenance.TryCompactAsync(stop.Token).AsTask();
        first.IsCompleted.ShouldBeFalse();
        (await node.Maintenance.TryCompactAsync(default)).ShouldBeNull();
        (await node.Maintenance.Compaction[0].RunOnceAsync(default)).ShouldBe(0);
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => first);
        await ShouldHoldAsync(node);
    }

    [Fact]
    public async Task Tombstones_of_a_partition_with_peers_stay_unless_somebody_knows_better()
    {
        var options = new MaintenanceOptions();
        options.FloorOf(new PartitionId(1), replicas: 1, replicated: null).ShouldBe(long.MaxValue);
        options.FloorOf(new PartitionId(1), replicas: 3, replicated: null).ShouldBe(0);
        options.FloorOf(new PartitionId(1), replicas: 3, partition => partition.Value * 10).ShouldBe(10);
        options.FloorOf(new PartitionId(1), replicas: 0, partition => partition.Value * 10).ShouldBe(0);
        options.TombstoneFloorLsn = partition => partition.Value * 100;
        options.FloorOf(new PartitionId(2), replicas: 3, replicated: null).ShouldBe(200);

        await using StorageNode node = await OpenAsync(
            OneDisk(), retention: TimeSpan.Zero, policy: new OnceEverything());
        await FillAsync(node);
        await DeleteMostAsync(node);
        await FillAsync(node, first: 1000);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await node.Maintenance.Compaction[0].RunOnceAsync(default)).ShouldBeGreaterThan(0);
        (await ErrorOfAsync(node, 0, 1)).ShouldBe(PeerError.NotFound);
    }

    [Fact]
    public async Task The_scrubber_goes_through_all_stores_at_its_rate_and_rests()
    {
        await using StorageNode node = await OpenAsync(OneDisk());
        await FillAsync(node);
        ScrubWorker worker = node.Maintenance.Scrub.ShouldHaveSingleItem();
        DateTimeOffset began = _time.GetUtcNow();
        int records = await ScrubAllAsync(worker);
        records.ShouldBe(2 * Blobs);
        TimeSpan took = _time.GetUtcNow() - began;

        // 2 × 60 blobs of 5,000 bytes at 64 KiB/s, and their index.
        took.ShouldBeInRange(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(20));
        (await ScrubAllAsync(worker)).ShouldBe(0);
        _time.Advance(TimeSpan.FromDays(1));
        (await ScrubAllAsync(worker)).ShouldBe(2 * Blobs);
    }

    [Fact]
    public async Task Hard_delete_is_off_and_erases_what_is_due_when_it_is_on()
    {
        await using (StorageNode off = await OpenAsync(OneDisk()))
        {
            off.Maintenance.HardDelete.ShouldBeEmpty();
            await FillAsync(off);
            await DeleteMostAsync(off);
        }

        _time.Advance(TimeSpan.FromDays(2));
        await using StorageNode node = await OpenAsync(OneDisk(), hardDelete: true);
        byte[] content = Content(0, 1);
        IsOnDisk(content).ShouldBeTrue();
        HardDeleteWorker worker = node.Maintenance.HardDelete.ShouldHaveSingleItem();
        for (int i = 0; i < 1000; i++)
        {
            Task<int> step = worker.RunOnceAsync(default).AsTask();
            await AdvanceUntilAsync(step);
            if (await step == 0)
            {
                break;
            }
        }

        IsOnDisk(content).ShouldBeFalse();
        IsOnDisk(Content(1, 2)).ShouldBeFalse();
        await ShouldHoldAsync(node);
        (await ScrubAllAsync(node.Maintenance.Scrub[0])).ShouldBeGreaterThan(0);
        node.Replicas.ShouldAllBe(r => r.IsServing);
    }

    [Fact]
    public async Task A_slow_foreground_slows_compaction_of_its_disk()
    {
        var latency = new ForegroundLatency();
        var pacer = new CompactionPacer(PacerOptions.Compaction, latency, _time);
        for (int i = 0; i < 10; i++)
        {
            latency.Record(TimeSpan.FromMilliseconds(50), 0);
        }

        _time.Advance(TimeSpan.FromSeconds(1));
        pacer.Charge(1);
        pacer.BytesPerSecond.ShouldBe(PacerOptions.Compaction.BytesPerSecondMax / 2);
        await using StorageNode node = await OpenAsync(OneDisk());
        await FillAsync(node);
    }

    private static byte[] Content(uint partition, int number)
    {
        byte[] bytes = new byte[5000];
        new Random((int)partition * 10_000 + number).NextBytes(bytes);
        return bytes;
    }

    private static BlobId IdOf(uint partition, int number) => new(
        Local, 1, 1, new PartitionId(partition), BlobKind.Simple, new Guid(number * 7919, 2, 3, new byte[8]));

    private static ClusterView OneDisk() => new(
        EmbeddedLayout.Create(Local, Node, "/d0", 2, 2 * (32L << 20)), Local);

    private static ClusterView TwoDisks()
    {
        DiskLayout[] disks =
            [new("/d0", 1L << 30, HardwareState.Available), new("/d1", 1L << 30, HardwareState.Available)];
        var machine = new DataNodeLayout(Node.Host, Node.Port, "", HardwareState.Available, disks);
        PartitionEntry[] entries = disks.Select((d, i) => new PartitionEntry(
            (uint)i, "default", PartitionState.ReadWrite, 32L << 20,
            [new ReplicaEntry(Node.Host, Node.Port, d.MountPath)])).ToArray();
        return new ClusterView(
            new ClusterLayout(
                new HardwareLayout("c", 1, [new DatacenterLayout("d", Local.Value, [machine])]),
                new PartitionLayout("c", 1, entries)),
            Local);
    }

    private static long[] Used(StorageNode node) =>
        [.. node.Replicas.OrderBy(r => r.Partition.Value).Select(r => r.UsedBytes)];

    private static async Task<PeerError> ErrorOfAsync(StorageNode node, uint partition, int number)
    {
        using GetBlobResponse response = await node.GetAsync(new GetBlobRequest(IdOf(partition, number)), default);
        return response.Error;
    }

    private static async Task ShouldHoldAsync(StorageNode node)
    {
        for (uint partition = 0; partition < 2; partition++)
        {
            for (int number = 0; number < Blobs; number += 10)
            {
                using GetBlobResponse response = await node.GetAsync(
                    new GetBlobRequest(IdOf(partition, number)), default);
                response.Error.ShouldBe(PeerError.None);
                response.Content.ToArray().ShouldBe(Content(partition, number));
            }
        }
    }

    private PutBlobRequest Put(uint partition, int number)
    {
        byte[] content = Content(partition, number);
        return new PutBlobRequest(
            IdOf(partition, number), new BlobProperties(content.Length, _time.GetUtcNow()), default, content);
    }

    private async Task FillAsync(StorageNode node, int first = 0)
    {
        for (uint partition = 0; partition < 2; partition++)
        {
            for (int number = first; number < first + Blobs; number++)
            {
                (await node.PutAsync(Put(partition, number), default)).ShouldBe(PeerError.None);
            }
        }
    }

    /// <summary>Of ten blobs nine.</summary>
    private async Task DeleteMostAsync(StorageNode node)
    {
        for (uint partition = 0; partition < 2; partition++)
        {
            for (int number = 0; number < Blobs; number++)
            {
                if (number % 10 != 0)
                {
                    var request = new DeleteBlobRequest(IdOf(partition, number), _time.GetUtcNow());
                    (await node.DeleteAsync(request, default)).ShouldBe(PeerError.None);
                }
            }
        }
    }

    private async Task<int> ScrubAllAsync(ScrubWorker worker)
    {
        int records = 0;
        for (int i = 0; i < 1000; i++)
        {
            Task<int> step = worker.RunOnceAsync(default).AsTask();
            await AdvanceUntilAsync(step);
            if (await step == 0)
            {
                return records;
            }

            records += await step;
        }

        throw new InvalidOperationException("The scrubber never rests.");
    }

    private async Task AdvanceUntilAsync(Task step)
    {
        while (!step.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }
    }

    private bool IsOnDisk(byte[] bytes) => _disks[0].ListDirectories("partitions").Any(partition =>
        _disks[0].ListFiles($"partitions/{partition}/log").Any(file =>
            _disks[0].Contents($"partitions/{partition}/log/{file}").AsSpan().IndexOf(bytes) >= 0));

    private ValueTask<StorageNode> OpenAsync(
        ClusterView view,
        TimeSpan? retention = null,
        long compactionRate = 0,
        bool hardDelete = false,
        ICompactionPolicy? policy = null)
    {
        var options = new StorageNodeOptions
        {
            SegmentBytesMin = 64 * 1024,
            SegmentBytesMax = 64 * 1024,
            IndexRollEntries = 10,
            Maintenance = new MaintenanceOptions
            {
                DeletedRetention = retention ?? TimeSpan.FromDays(1),
                CompactionPolicy = policy ?? new StatsBasedPolicy(),
                CompactionRate = PacerOptions.Fixed(compactionRate),
                ScrubBytesPerSecond = 64 * 1024,
                HardDelete = hardDelete,
                HardDeleteBytesPerSecond = 1 << 20,
            },
        };
        var setup = new StorageNodeSetup(
            view, Node, options, new SequentialIds(seed: 3), _time, NullLogger.Instance);
        return StorageNode.OpenAsync(setup, path => _disks[path == "/d0" ? 0 : 1], default);
    }

    /// <summary>The first segment of which half is garbage.</summary>
    private sealed class OneSegmentAtATime : ICompactionPolicy
    {
        public int Looks { get; private set; }

        public int Chosen { get; private set; }

        public CompactionRange? Choose(StoreStatistics statistics)
        {
            Looks += statistics.Segments.Any(s => s.IsExcluded) ? 0 : 1;
            SegmentUse[] due =
                [.. statistics.Segments.Where(s => s.CanBeCompacted && s.ValidBytes < s.UsedBytes / 2).Take(1)];
            Chosen += due.Length;
            return due.Length == 0 ? null : new CompactionRange(due[0].FirstLsn, due[0].LastLsn);
        }
    }

    /// <summary>All that is sealed of each store, one time: it is asked again about what is left, and anew.</summary>
    private sealed class OnceEverything : ICompactionPolicy
    {
        private int _choices;

        public CompactionRange? Choose(StoreStatistics statistics) => _choices++ % 3 == 0
            ? new CompactionRange(1, statistics.Segments.Last(s => s.IsSealed).LastLsn)
            : null;
    }
}
