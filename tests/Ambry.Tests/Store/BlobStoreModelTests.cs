using Ambry.Store;
using Ambry.Testing;
using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class BlobStoreModelTests
{
    private const int Numbers = 31;

    private enum Step
    {
        Put,
        PutOther,
        PutExpiring,
        Delete,
        UpdateTtl,
        MakePermanent,
        Undelete,
        Get,
        Advance,
        Flush,
        Reopen,
        Kill,
    }

    private sealed record Command(Step Step, int Number, int Length);

    private static readonly Gen<Command> Commands = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Step.Put)),
            (2, Gen.Const(Step.PutOther)),
            (4, Gen.Const(Step.PutExpiring)),
            (6, Gen.Const(Step.Delete)),
            (4, Gen.Const(Step.UpdateTtl)),
            (2, Gen.Const(Step.MakePermanent)),
            (4, Gen.Const(Step.Undelete)),
            (6, Gen.Const(Step.Get)),
            (2, Gen.Const(Step.Advance)),
            (1, Gen.Const(Step.Flush)),
            (1, Gen.Const(Step.Reopen)),
            (1, Gen.Const(Step.Kill))),
        Gen.Int[0, Numbers - 1],
        Gen.Int[0, 9000],
        (step, number, length) => new Command(step, number, length));

    // Small index and log segments, so that every roll happens; few blobs, so that each has several records.
    [Fact]
    public async Task Behaves_like_a_dictionary() =>
        await Commands.Array[1, 120].SampleAsync(RunAsync, iter: 150);

    [Fact]
    public async Task Behaves_like_a_dictionary_with_few_blobs_and_many_changes() =>
        await Commands.Select(command => command with { Number = command.Number % 4 }).Array[1, 120]
            .SampleAsync(RunAsync, iter: 100);

    private static async Task RunAsync(Command[] commands)
    {
        var world = new World();
        await world.OpenAsync();
        foreach (Command command in commands)
        {
            await world.StepAsync(command);
        }

        await world.ReopenAsync();
        await world.CheckAllAsync();
    }

    /// <summary>What a client knows of one blob: the rules of lifetimes, once more and without records.</summary>
    private sealed class Blob(byte[] content, DateTimeOffset? expiresAt)
    {
        private static readonly BlobStoreOptions Defaults = Options();

        private DateTimeOffset? _deletedAt;

        public byte[] Content => content;

        public DateTimeOffset? ExpiresAt { get; private set; } = expiresAt;

        public bool IsDeleted => _deletedAt is not null;

        public StoreError Read(DateTimeOffset now, bool includeDeleted, bool includeExpired)
        {
            if (IsDeleted && (!includeDeleted || now - _deletedAt > Defaults.DeletedRetention))
            {
                return StoreError.Deleted;
            }

            return ExpiresAt <= now && !includeExpired ? StoreError.Expired : StoreError.None;
        }

        public StoreError PutAgain(byte[] other) => IsDeleted ? StoreError.Deleted
            : other.AsSpan().SequenceEqual(content) ? StoreError.None : StoreError.AlreadyExists;

        public StoreError Delete(DateTimeOffset now)
        {
            if (IsDeleted)
            {
                return StoreError.Deleted;
            }

            _deletedAt = now;
            return StoreError.None;
        }

        public StoreError UpdateTtl(DateTimeOffset now, DateTimeOffset? wanted)
        {
            StoreError error = Read(now, includeDeleted: false, includeExpired: false);
            if (error != StoreError.None)
            {
                return error;
            }

            if (ExpiresAt is null || ExpiresAt == wanted)
            {
                return StoreError.AlreadyUpdated;
            }

            if (wanted < ExpiresAt || ExpiresAt - now < Defaults.TtlUpdateBuffer)
            {
                return StoreError.TtlUpdateRefused;
            }

            ExpiresAt = wanted;
            return StoreError.None;
        }

        public StoreError Undelete(DateTimeOffset now)
        {
            if (!IsDeleted)
            {
                return ExpiresAt <= now ? StoreError.Expired : StoreError.NotDeleted;
            }

            if (now - _deletedAt > Defaults.DeletedRetention)
            {
                return StoreError.UndeleteRefused;
            }

            if (ExpiresAt <= now)
            {
                return StoreError.Expired;
            }

            _deletedAt = null;
            return StoreError.None;
        }
    }

    private sealed class World
    {
        private static readonly BlobStoreOptions Small =
            Options(rollEntries: 5, segmentBytes: 64 * 1024, journalEntries: 3);

        private readonly Dictionary<int, Blob> _model = [];
        private readonly FakeTimeProvider _time = new(Start);
        private SimDisk _disk = new();
        private BlobStore? _store;

        private BlobStore Store => _store.ShouldNotBeNull();

        private DateTimeOffset Now => _time.GetUtcNow();

        public async Task OpenAsync()
        {
            _store = await StoreKit.OpenAsync(_disk, Small, _time);
            _store.Status.ShouldBe(new StoreStatus(StoreState.Running));
        }

        public async Task ReopenAsync()
        {
            await Store.DisposeAsync();
            await OpenAsync();
        }

        public Task StepAsync(Command command) => command.Step switch
        {
            Step.Put => PutAsync(command.Number, Content(command.Number, command.Number * 300)),
            Step.PutOther => PutAsync(command.Number, Content(-1, command.Length)),
            Step.PutExpiring => PutAsync(command.Number, Content(-1, command.Length), Now.AddDays(command.Length % 10)),
            Step.Delete => ChangeAsync(
                command.Number, blob => blob.Delete(Now), number => DeleteAsync(Store, number, Now)),
            Step.UpdateTtl => UpdateTtlAsync(command.Number, Now.AddDays(command.Length % 20)),
            Step.MakePermanent => UpdateTtlAsync(command.Number, null),
            Step.Undelete => ChangeAsync(
                command.Number, blob => blob.Undelete(Now), number => UndeleteAsync(Store, number, Now)),
            Step.Get => CheckAsync(command.Number),
            Step.Advance => AdvanceAsync(TimeSpan.FromHours(command.Length / 200)),
            Step.Flush => FlushAsync(),
            Step.Reopen => ReopenAsync(),
            Step.Kill => KillAsync(),
            _ => throw new ArgumentOutOfRangeException(nameof(command)),
        };

        public async Task CheckAllAsync()
        {
            for (int number = 0; number < Numbers; number++)
            {
                await CheckAsync(number);
            }

            Store.PutCount.ShouldBe(_model.Count);
        }

        private async Task PutAsync(int number, byte[] content, DateTimeOffset? expiresAt = null)
        {
            bool known = _model.TryGetValue(number, out Blob? held);
            StoreError expected = known ? held!.PutAgain(content) : StoreError.None;
            (await Store.PutAsync(Put(number, content, expiresAt), CancellationToken.None)).ShouldBe(expected);
            if (!known)
            {
                _model[number] = new Blob(content, expiresAt);
            }
        }

        private Task UpdateTtlAsync(int number, DateTimeOffset? wanted) => ChangeAsync(
            number, blob => blob.UpdateTtl(Now, wanted), known => StoreKit.UpdateTtlAsync(Store, known, wanted, Now));

        private async Task ChangeAsync(
            int number, Func<Blob, StoreError> expected, Func<int, Task<StoreError>> change) =>
            (await change(number)).ShouldBe(
                _model.TryGetValue(number, out Blob? blob) ? expected(blob) : StoreError.NotFound);

        private Task AdvanceAsync(TimeSpan time)
        {
            _time.Advance(time);
            return Task.CompletedTask;
        }

        private async Task FlushAsync() =>
            (await Store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.None);

        private async Task KillAsync()
        {
            BlobStore killed = Store;
            _disk = _disk.Kill();
            await killed.DisposeAsync();
            await OpenAsync();
        }

        private async Task CheckAsync(int number)
        {
            for (int scope = 0; scope < 4; scope++)
            {
                (bool deleted, bool expired) = ((scope & 1) != 0, (scope & 2) != 0);
                using StoreReadResult read = await GetAsync(
                    Store, number, includeDeleted: deleted, includeExpired: expired);
                if (!_model.TryGetValue(number, out Blob? blob))
                {
                    read.Error.ShouldBe(StoreError.NotFound);
                    continue;
                }

                read.Error.ShouldBe(blob.Read(Now, deleted, expired), $"blob {number}, {deleted}, {expired}");
                if (read.Error == StoreError.None)
                {
                    read.Content.ToArray().ShouldBe(blob.Content);
                    read.Properties!.ExpiresAt.ShouldBe(blob.ExpiresAt);
                }
            }
        }
    }
}
