using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class BlobStoreReplicationTests
{
    private enum Step
    {
        Put,
        Delete,
        UpdateTtl,
        MakePermanent,
        Undelete,
        Advance,
        Pull,
        Compact,
    }

    // A client's change reaches the first store, the second, or both, as bits.
    private sealed record Command(Step Step, int Number, int Reaches, int Days);

    private static Gen<Command> Commands(int compactions) => Gen.Select(
        Gen.Frequency(
            (4, Gen.Const(Step.Put)),
            (4, Gen.Const(Step.Delete)),
            (3, Gen.Const(Step.UpdateTtl)),
            (1, Gen.Const(Step.MakePermanent)),
            (4, Gen.Const(Step.Undelete)),
            (1, Gen.Const(Step.Advance)),
            (2, Gen.Const(Step.Pull)),
            (compactions, Gen.Const(Step.Compact))),
        Gen.Int[0, 4],
        Gen.Int[1, 3],
        Gen.Int[1, 20],
        (step, number, reaches, days) => new Command(step, number, reaches, days));

    [Fact]
    public async Task A_delete_that_comes_before_its_put_wins_within_a_life_and_loses_to_the_next()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        (await ApplyAsync(store, StoreRecordKind.Delete, 0)).ShouldBe(StoreError.None);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Deleted);
        (await ApplyAsync(store, StoreRecordKind.Delete, 0)).ShouldBe(StoreError.Deleted);
        (await PutReplicatedAsync(store, 0)).ShouldBe(StoreError.Deleted);
        (await ApplyAsync(store, StoreRecordKind.Undelete, 1)).ShouldBe(StoreError.NotFound, "the content is not here");
        (await PutReplicatedAsync(store, 1)).ShouldBe(StoreError.None);
        await ShouldHoldAsync(store, 1, Content(1, 500));
        (await ApplyAsync(store, StoreRecordKind.Undelete, 1)).ShouldBe(StoreError.AlreadyUpdated);
        (await ApplyAsync(store, StoreRecordKind.Delete, 0)).ShouldBe(StoreError.LifeVersionConflict);
        (await PutReplicatedAsync(store, 1)).ShouldBe(StoreError.None, "the same again");
        (await PutReplicatedAsync(store, 0)).ShouldBe(StoreError.LifeVersionConflict);
        store.LastLsn.ShouldBe(2);
    }

    [Fact]
    public async Task A_put_of_a_later_life_revives_the_content_that_is_here()
    {
        await using BlobStore store = await OpenAsync(new SimDisk());
        await StoreKit.PutAsync(store, 1, Content(1, 500));
        await DeleteAsync(store, 1);
        (await PutReplicatedAsync(store, 3, Content(2, 500))).ShouldBe(StoreError.AlreadyExists);
        (await PutReplicatedAsync(store, 3)).ShouldBe(StoreError.None);
        await ShouldHoldAsync(store, 1, Content(1, 500));
        StoreEntry newest = (await store.FindSinceAsync(2, 10, CancellationToken.None)).Entries.Single();
        (newest.Kind, newest.LifeVersion).ShouldBe((StoreRecordKind.Undelete, (ushort)3));
    }

    [Fact]
    public async Task Content_past_its_retention_is_stored_anew()
    {
        var time = new FakeTimeProvider(Start);
        await using BlobStore store = await OpenAsync(new SimDisk(), time: time);
        await StoreKit.PutAsync(store, 1, Content(1, 500));
        await DeleteAsync(store, 1);
        time.Advance(TimeSpan.FromDays(8));
        (await ApplyAsync(store, StoreRecordKind.Undelete, 1)).ShouldBe(StoreError.NotFound, "compaction may take it");
        (await PutReplicatedAsync(store, 1)).ShouldBe(StoreError.None);
        StoreEntry newest = (await store.FindSinceAsync(2, 10, CancellationToken.None)).Entries.Single();
        (newest.Kind, newest.LifeVersion).ShouldBe((StoreRecordKind.Put, (ushort)1));
        await ShouldHoldAsync(store, 1, Content(1, 500));
    }

    [Fact]
    public async Task A_replicated_ttl_update_comes_even_at_the_last_moment()
    {
        var time = new FakeTimeProvider(Start);
        await using BlobStore store = await OpenAsync(new SimDisk(), time: time);
        await store.PutAsync(Put(1, Content(1, 500), Start.AddDays(2)), CancellationToken.None);
        time.Advance(TimeSpan.FromDays(2.5));
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.Expired);
        (await ApplyAsync(store, StoreRecordKind.TtlUpdate, 0, Start.AddDays(9))).ShouldBe(StoreError.None);
        (await ErrorOfAsync(store, 1)).ShouldBe(StoreError.None);
        (await ApplyAsync(store, StoreRecordKind.TtlUpdate, 0, Start.AddDays(8))).ShouldBe(StoreError.AlreadyUpdated);
        await DeleteAsync(store, 1, time.GetUtcNow());
        (await ApplyAsync(store, StoreRecordKind.TtlUpdate, 0, null)).ShouldBe(StoreError.Deleted);
    }

    [Fact]
    public async Task Two_replicas_that_exchange_what_they_have_agree_whatever_reached_them_first() =>
        await Commands(compactions: 0).Array[1, 60].SampleAsync(
            commands => RunAsync(commands, isExact: true), iter: 300);

    // What is expired may be gone on one of them, and be deleted or in another life on the other: nobody reads it.
    [Fact]
    public async Task Two_replicas_that_compact_meanwhile_agree_on_what_can_be_read() =>
        await Commands(compactions: 2).Array[1, 60].SampleAsync(
            commands => RunAsync(commands, isExact: false), iter: 200);

    private static async Task RunAsync(Command[] commands, bool isExact)
    {
        var time = new FakeTimeProvider(Start);
        await using var pair = await Pair.OpenAsync(time, isExact);
        foreach (Command command in commands)
        {
            await pair.StepAsync(command);
        }

        await pair.ExchangeAsync();
        await pair.CheckAsync();
    }

    private static async Task<StoreError> ApplyAsync(
        BlobStore store, StoreRecordKind kind, ushort life, DateTimeOffset? expiresAt = null) =>
        await store.ApplyAsync(new StoreEntry(9, Id(1), kind, life, Start, expiresAt, 0, 0), CancellationToken.None);

    private static async Task<StoreError> PutReplicatedAsync(BlobStore store, ushort life, byte[]? content = null) =>
        await store.PutReplicatedAsync(Put(1, content ?? Content(1, 500)), life, CancellationToken.None);

    /// <summary>Two replicas, each with the token of what it has of the other.</summary>
    private sealed class Pair(BlobStore[] stores, FakeTimeProvider time, bool isExact) : IAsyncDisposable
    {
        private const int Numbers = 5;
        private const int SegmentBytes = 64 * 1024;

        private int _fillers = 100;

        private readonly long[] _tokens = new long[2];

        public static async Task<Pair> OpenAsync(FakeTimeProvider time, bool isExact)
        {
            BlobStoreOptions small = Options(rollEntries: 5, segmentBytes: SegmentBytes, journalEntries: 3);
            return new Pair(
                [
                    await StoreKit.OpenAsync(new SimDisk(), small, time),
                    await StoreKit.OpenAsync(new SimDisk(), small, time),
                ],
                time,
                isExact);
        }

        public async Task StepAsync(Command command)
        {
            if (command.Step == Step.Advance)
            {
                time.Advance(TimeSpan.FromHours(command.Days * 12));
                return;
            }

            for (int i = 0; i < stores.Length; i++)
            {
                if ((command.Reaches & (1 << i)) != 0)
                {
                    await StepAsync(command, i);
                }
            }
        }

        public async Task ExchangeAsync()
        {
            // Each round carries at least one more step of a state that only grows: few are enough.
            for (int round = 0; round < 20; round++)
            {
                if (await PullAsync(0) + await PullAsync(1) == 0)
                {
                    return;
                }
            }

            throw new ShouldAssertException("the exchange does not end");
        }

        public async Task CheckAsync()
        {
            for (int number = 0; number < Numbers; number++)
            {
                using StoreReadResult first = await GetAsync(stores[0], number);
                using StoreReadResult second = await GetAsync(stores[1], number);
                if (isExact)
                {
                    second.Error.ShouldBe(first.Error, $"blob {number}");
                }

                (second.Error == StoreError.None).ShouldBe(first.Error == StoreError.None, $"blob {number}");
                second.Properties.ShouldBe(first.Properties, $"blob {number}");
                second.Content.ToArray().ShouldBe(first.Content.ToArray());
                second.UserMetadata.ToArray().ShouldBe(first.UserMetadata.ToArray());
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (BlobStore store in stores)
            {
                await store.DisposeAsync();
            }
        }

        private async Task StepAsync(Command command, int at)
        {
            BlobStore store = stores[at];
            DateTimeOffset now = time.GetUtcNow();
            switch (command.Step)
            {
                case Step.Put:
                    // The id comes with its bytes and properties: replicas never see two versions of them.
                    await store.PutAsync(BlobOf(command.Number), CancellationToken.None);
                    break;
                case Step.Delete:
                    await DeleteAsync(store, command.Number, now);
                    break;
                case Step.UpdateTtl:
                    await UpdateTtlAsync(store, command.Number, now.AddDays(command.Days), now);
                    break;
                case Step.MakePermanent:
                    await UpdateTtlAsync(store, command.Number, null, now);
                    break;
                case Step.Undelete:
                    await UndeleteAsync(store, command.Number, now);
                    break;
                case Step.Compact:
                    await CompactAsync(store);
                    break;
                default:
                    await PullAsync(at);
                    break;
            }
        }

        /// <summary>Seals the segment that is written to, and compacts all before it.</summary>
        private async Task CompactAsync(BlobStore store)
        {
            for (int i = 0; i < 2; i++)
            {
                _fillers++;
                (await StoreKit.PutAsync(store, _fillers, Content(_fillers, SegmentBytes / 2))).ShouldBe(
                    StoreError.None);
            }

            var range = new CompactionRange(1, store.LastLsn);
            CompactionResult cycle = await store.CompactAsync(range, pacer: null, CancellationToken.None);
            cycle.Error.ShouldBe(StoreError.None);
        }

        private static PutBlobRequest BlobOf(int number) =>
            Put(number, Content(number, 100 * number), number % 2 == 0 ? null : Start.AddDays(4 * number));

        /// <summary>Brings one store level with what the other has now; how many records it wrote.</summary>
        private async Task<long> PullAsync(int to)
        {
            (BlobStore target, BlobStore source) = (stores[to], stores[1 - to]);
            long before = target.LastLsn;
            long level = source.LastLsn;
            while (_tokens[to] < level)
            {
                StoreEntries found = await source.FindSinceAsync(_tokens[to], 3, CancellationToken.None);
                found.Error.ShouldBe(StoreError.None);
                foreach (StoreEntry entry in found.Entries)
                {
                    if (await target.ApplyAsync(entry, CancellationToken.None) == StoreError.NotFound)
                    {
                        await FetchAsync(target, source, entry);
                    }
                }

                _tokens[to] = found.CoveredTo;
            }

            return target.LastLsn - before;
        }

        private async Task FetchAsync(BlobStore target, BlobStore source, StoreEntry entry)
        {
            using StoreReadResult blob = await source.GetAsync(
                new GetBlobRequest(entry.Id, IncludeDeleted: true, IncludeExpired: isExact), CancellationToken.None);
            if (blob.Error == StoreError.None)
            {
                var put = new PutBlobRequest(entry.Id, blob.Properties!, blob.UserMetadata, blob.Content);
                (await target.PutReplicatedAsync(put, entry.LifeVersion, CancellationToken.None))
                    .ShouldBe(StoreError.None);
            }
        }
    }
}
