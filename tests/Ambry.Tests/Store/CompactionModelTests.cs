using Ambry.Protocol;
using Ambry.Store;
using Ambry.Store.Compaction;
using Ambry.Store.Records;
using Ambry.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.CompactionKit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

/// <summary>
/// Random changes, restarts, kills, compactions and moves of the clock against a dictionary. Prints its seed when it
/// fails.
/// </summary>
public class CompactionModelTests
{
    private const int Numbers = 24;

    private enum Step
    {
        Put,
        Delete,
        Undelete,
        UpdateTtl,
        Get,
        Compact,
        CompactSome,
        Erase,
        Flush,
        Reopen,
        Kill,
        Later,
        Earlier,
        MoveFloor,
    }

    private sealed record Command(Step Step, int Number, int Amount);

    private static readonly Gen<Command> Commands = Gen.Select(
        Gen.Frequency(
            (20, Gen.Const(Step.Put)),
            (8, Gen.Const(Step.Delete)),
            (4, Gen.Const(Step.Undelete)),
            (4, Gen.Const(Step.UpdateTtl)),
            (6, Gen.Const(Step.Get)),
            (4, Gen.Const(Step.Compact)),
            (3, Gen.Const(Step.CompactSome)),
            (1, Gen.Const(Step.Erase)),
            (1, Gen.Const(Step.Flush)),
            (1, Gen.Const(Step.Reopen)),
            (1, Gen.Const(Step.Kill)),
            (5, Gen.Const(Step.Later)),
            (1, Gen.Const(Step.Earlier)),
            (1, Gen.Const(Step.MoveFloor))),
        Gen.Int[0, Numbers - 1],
        Gen.Int[0, 1000],
        (step, number, amount) => new Command(step, number, amount));

    [Fact]
    public async Task Behaves_like_a_dictionary_whatever_is_compacted_meanwhile() =>
        await Commands.Array[20, 200].SampleAsync(
            async commands =>
            {
                var world = new World();
                await world.OpenAsync();
                foreach (Command command in commands)
                {
                    await world.StepAsync(command);
                }

                await world.StepAsync(new Command(Step.Compact, 0, 0));
                await world.CheckAllAsync();
                await world.StepAsync(new Command(Step.Reopen, 0, 0));
                await world.CheckAllAsync();
                await world.CloseAsync();
            },
            iter: 120);

    /// <summary>What the blob's records say; the content is kept as long as it can be asked for.</summary>
    private sealed record Blob(byte[] Content, long ExpiresAt, long? DeletedAt, long Lsn);

    private sealed class World
    {
        private readonly Dictionary<int, Blob> _model = [];
        private readonly HashSet<int> _purgeable = [];
        private SimDisk _disk = new();
        private BlobStore? _store;
        private long _clock = UnixMillis.From(Start);
        private long _floor;

        // The latest time that any cycle can have judged by.
        private long _latest;
        private FakeTimeProvider _time = new(Start);

        private BlobStore Store => _store.ShouldNotBeNull();

        // As the store's: compaction has taken times that the clock was set back behind.
        private long Now => Store.Clock.NowMillis;

        public async Task OpenAsync()
        {
            // A clock that can be set back is a new one.
            _time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(_clock));
            BlobStoreOptions options = Small();
            _store = await CompactionKit.OpenAsync(_disk, _time, new BlobStoreOptions
            {
                PartitionId = options.PartitionId,
                CapacityBytes = options.CapacityBytes,
                SegmentBytes = options.SegmentBytes,
                IndexRollEntries = options.IndexRollEntries,
                JournalEntries = options.JournalEntries,
                DeletedRetention = options.DeletedRetention,
                TombstoneFloorLsn = () => _floor,
            });
            _store.Status.ShouldBe(new StoreStatus(StoreState.Running));
        }

        public async Task CloseAsync() => await Store.DisposeAsync();

        public async Task StepAsync(Command command)
        {
            _latest = Math.Max(_latest, Now);
            switch (command.Step)
            {
                case Step.Put:
                    await PutAsync(command);
                    break;
                case Step.Delete:
                    await DeleteAsync(command.Number);
                    break;
                case Step.Undelete:
                    await UndeleteAsync(command.Number);
                    break;
                case Step.UpdateTtl:
                    await UpdateTtlAsync(command);
                    break;
                case Step.Get:
                    await CheckAsync(command.Number);
                    break;
                case Step.Later or Step.Earlier:
                    Move(command);
                    break;
                default:
                    await MaintainAsync(command);
                    break;
            }
        }

        public async Task CheckAllAsync()
        {
            for (int number = 0; number < Numbers; number++)
            {
                await CheckAsync(number);
            }
        }

        private void Move(Command command)
        {
            if (command.Step == Step.Later)
            {
                _time.Advance(TimeSpan.FromHours(command.Amount % 60));
                _clock = UnixMillis.From(_time.GetUtcNow());
            }
            else
            {
                // Takes effect with the next opening: a process does not see its own clock go back.
                long back = (long)TimeSpan.FromHours(command.Amount % 20).TotalMilliseconds;
                _clock = Math.Max(_clock - back, _latest - (long)TimeSpan.FromHours(20).TotalMilliseconds);
            }
        }

        private async Task MaintainAsync(Command command)
        {
            switch (command.Step)
            {
                case Step.Compact:
                    (await CompactionKit.CompactAsync(Store)).Error.ShouldBe(StoreError.None);
                    break;
                case Step.CompactSome:
                    long first = 1 + (command.Amount % Math.Max(1, Store.LastLsn));
                    (await Store.CompactAsync(
                        new CompactionRange(first, first + 20), null, CancellationToken.None))
                        .Error.ShouldBe(StoreError.None);
                    break;
                case Step.Erase:
                    (await Store.EraseDeletedAsync(0, 1 << 20, CancellationToken.None)).Error.ShouldBe(StoreError.None);
                    break;
                case Step.MoveFloor:
                    _floor = Store.LastLsn;
                    _purgeable.UnionWith(_model.Where(p => p.Value.Lsn <= _floor).Select(p => p.Key));
                    break;
                case Step.Flush:
                    (await Store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.None);
                    break;
                case Step.Reopen:
                    await Store.DisposeAsync();
                    await OpenAsync();
                    break;
                default:
                    BlobStore killed = Store;
                    _disk = _disk.Kill();
                    await killed.DisposeAsync();
                    await OpenAsync();
                    break;
            }
        }

        private async Task PutAsync(Command command)
        {
            int number = command.Number;
            byte[] content = Content(number, number * 400);
            long expires = command.Amount % 5 == 0
                ? _clock + (long)TimeSpan.FromHours(command.Amount % 300).TotalMilliseconds
                : UnixMillis.Never;
            long before = Store.LastLsn;
            StoreError error = await Store.PutAsync(
                StoreKit.Put(number, content, UnixMillis.ToTimeOrNull(expires)), CancellationToken.None);
            if (Store.LastLsn > before)
            {
                // New, or a blob that is gone so thoroughly that its id is free again.
                error.ShouldBe(StoreError.None);
                (!_model.TryGetValue(number, out Blob? blob) || IsForgotten(number, blob)).ShouldBeTrue();
                _model[number] = new Blob(content, expires, null, Store.LastLsn);
                _purgeable.Remove(number);
                return;
            }

            Blob known = _model[number];
            if (error == StoreError.Expired)
            {
                // The content went before the record that says how long it lived.
                IsForgotten(number, known).ShouldBeTrue($"put of {number}");
                return;
            }

            error.ShouldBe(known.DeletedAt is null ? StoreError.None : StoreError.Deleted, $"put of {number}");
        }

        private async Task DeleteAsync(int number)
        {
            StoreError error = await Store.DeleteAsync(
                new DeleteBlobRequest(Id(number), DateTimeOffset.FromUnixTimeMilliseconds(Now)),
                CancellationToken.None);
            if (!_model.TryGetValue(number, out Blob? blob))
            {
                error.ShouldBe(StoreError.NotFound);
            }
            else if (error == StoreError.NotFound)
            {
                IsForgotten(number, blob).ShouldBeTrue($"delete of {number}");
            }
            else
            {
                error.ShouldBe(blob.DeletedAt is null ? StoreError.None : StoreError.Deleted, $"delete of {number}");
                if (error == StoreError.None)
                {
                    _model[number] = blob with { DeletedAt = Now, Lsn = Store.LastLsn };
                    _purgeable.Remove(number);
                }
            }
        }

        private async Task UndeleteAsync(int number)
        {
            StoreError error = await CompactionKit.UndeleteAsync(
                Store, number, DateTimeOffset.FromUnixTimeMilliseconds(Now));
            if (!_model.TryGetValue(number, out Blob? blob))
            {
                error.ShouldBe(StoreError.NotFound);
                return;
            }

            bool mayComeBack = blob.DeletedAt is { } at && Now - at <= (long)Retention.TotalMilliseconds
                && !IsExpired(blob);
            bool mayBeGone = blob.DeletedAt is { } then && _latest - then > (long)Retention.TotalMilliseconds;
            if (error == StoreError.None || !mayBeGone)
            {
                (error == StoreError.None).ShouldBe(mayComeBack, $"undelete of {number}: {error}");
            }

            if (error == StoreError.None)
            {
                _model[number] = blob with { DeletedAt = null, Lsn = Store.LastLsn };
            }
        }

        private async Task UpdateTtlAsync(Command command)
        {
            long expires = Now + (long)TimeSpan.FromHours(command.Amount).TotalMilliseconds;
            StoreError error = await CompactionKit.UpdateTtlAsync(
                Store, command.Number, DateTimeOffset.FromUnixTimeMilliseconds(expires));
            if (error == StoreError.None)
            {
                Blob blob = _model[command.Number];
                blob.DeletedAt.ShouldBeNull();
                IsExpired(blob).ShouldBeFalse();
                _model[command.Number] = blob with { ExpiresAt = expires, Lsn = Store.LastLsn };
            }
        }

        private async Task CheckAsync(int number)
        {
            using StoreReadResult read = await GetAsync(Store, number);
            if (!_model.TryGetValue(number, out Blob? blob))
            {
                read.Error.ShouldBe(StoreError.NotFound);
            }
            else if (blob.DeletedAt is not null)
            {
                (read.Error == StoreError.Deleted || (read.Error == StoreError.NotFound && IsForgotten(number, blob)))
                    .ShouldBeTrue($"{number} is {read.Error}");
            }
            else if (IsExpired(blob))
            {
                (read.Error == StoreError.Expired || (read.Error == StoreError.NotFound && IsForgotten(number, blob)))
                    .ShouldBeTrue($"{number} is {read.Error}");
            }
            else
            {
                read.Error.ShouldBe(StoreError.None, $"blob {number}");
                read.Content.Span.SequenceEqual(blob.Content).ShouldBeTrue();
                read.Properties.ShouldNotBeNull().ExpiresAt.ShouldBe(UnixMillis.ToTimeOrNull(blob.ExpiresAt));
            }
        }

        private bool IsExpired(Blob blob) => blob.ExpiresAt != UnixMillis.Never && blob.ExpiresAt <= Now;

        /// <summary>Whether nothing needs to be known of the blob any more: its tombstone may be gone too.</summary>
        private bool IsForgotten(int number, Blob blob) => blob.DeletedAt is { } at
            ? _purgeable.Contains(number) && _latest - at > (long)Retention.TotalMilliseconds
            : blob.ExpiresAt != UnixMillis.Never
                && blob.ExpiresAt + (long)TimeSpan.FromDays(1).TotalMilliseconds < _latest;
    }
}
