using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>Compaction beside reads and changes.</summary>
public class CompactionRaceTests
{
    private readonly FakeTimeProvider _time = new(Start);
    private readonly SimDisk _disk = new();

    [Fact]
    public async Task Readers_are_not_disturbed_by_many_cycles()
    {
        await using BlobStore store = await OpenAsync(_disk, _time, Small(floor: long.MaxValue));
        await PutManyAsync(store, 0, 30);
        using var stop = new CancellationTokenSource();
        Task<long>[] readers =
        [
            .. Enumerable.Range(0, 4).Select(reader => Task.Run(() => ReadAsync(store, reader, stop.Token))),
        ];
        var cycles = 0;
        try
        {
            // What is read stays; round after round of other blobs comes, is deleted, and compacted away.
            for (int round = 0; round < 40; round++)
            {
                int first = 1000 + (round * 20);
                await PutManyAsync(store, first, 20);
                for (int number = first; number < first + 20; number++)
                {
                    await DeleteAtAsync(store, number, Start - Retention - TimeSpan.FromHours(1));
                }

                CompactionResult result = await CompactAsync(store);
                result.Error.ShouldBe(StoreError.None);
                cycles += result.RecordsDropped > 0 ? 1 : 0;
            }
        }
        finally
        {
            stop.Cancel();
        }

        long reads = (await Task.WhenAll(readers)).Sum();
        reads.ShouldBeGreaterThan(100);
        cycles.ShouldBeGreaterThan(30);
        store.Status.State.ShouldBe(StoreState.Running);
    }

    [Fact]
    public async Task An_undelete_at_the_edge_of_the_retention_finds_the_content_or_is_refused()
    {
        for (int round = 0; round < 30; round++)
        {
            var time = new FakeTimeProvider(Start);
            await using BlobStore store = await OpenAsync(new SimDisk(), time, Small(floor: long.MaxValue));
            await PutManyAsync(store, 0, 8);
            await DeleteAtAsync(store, 5, Start);
            await PutManyAsync(store, 10, 20);

            // The last instant within the retention, which passes while both run.
            time.Advance(Retention);
            Task<CompactionResult> compacting = Task.Run(() => CompactAsync(store));
            Task<StoreError> undeleting = Task.Run(() => UndeleteAsync(store, 5, time.GetUtcNow()));
            time.Advance(TimeSpan.FromMilliseconds(1));
            (await compacting).Error.ShouldBe(StoreError.None);
            if (await undeleting == StoreError.None)
            {
                await ShouldHoldAsync(store, 5, Bytes(5));
                await CompactAsync(store);
                await ShouldHoldAsync(store, 5, Bytes(5));
            }
            else
            {
                (await ErrorOfAsync(store, 5)).ShouldBeOneOf(StoreError.Deleted, StoreError.NotFound);
            }
        }
    }

    [Fact]
    public async Task A_clock_set_back_brings_nothing_back_that_a_cycle_decided_to_drop()
    {
        var clock = new SettableClock(Start + Retention + TimeSpan.FromHours(1));
        await using BlobStore store = await BlobStore.OpenAsync(
            Small(), _disk, Folder, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
            CancellationToken.None);
        await PutManyAsync(store, 0, 8);
        await DeleteAtAsync(store, 2, Start);
        await PutManyAsync(store, 10, 20);

        // The cycle waits behind the first records; blob 2's content has been dropped from what it will commit.
        var pacer = new CompactionPacer(PacerOptions.Fixed(20_000), null, _time);
        Task<CompactionResult> compacting =
            store.CompactAsync(new CompactionRange(1, long.MaxValue), pacer, CancellationToken.None).AsTask();
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        compacting.IsCompleted.ShouldBeFalse();
        clock.Now = Start.AddHours(1);
        (await UndeleteAsync(store, 2, clock.Now)).ShouldBe(StoreError.UndeleteRefused);
        while (!compacting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        (await compacting).Error.ShouldBe(StoreError.None);
        (await ErrorOfAsync(store, 2)).ShouldBe(StoreError.Deleted);
    }

    private static async Task<long> ReadAsync(BlobStore store, int reader, CancellationToken stop)
    {
        long reads = 0;
        for (int i = reader; !stop.IsCancellationRequested || reads < 50; i++)
        {
            int number = i % 30;
            await ShouldHoldAsync(store, number, Bytes(number));
            using StoreReadResult range = await GetAsync(store, number, offset: 100, length: 50);
            range.Content.ToArray().ShouldBe(Bytes(number).AsSpan(100, 50).ToArray());
            reads++;
        }

        return reads;
    }

    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
