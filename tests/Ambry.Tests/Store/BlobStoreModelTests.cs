using Ambry.Store;
using Ambry.Testing;
using CsCheck;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class BlobStoreModelTests
{
    private enum Step
    {
        Put,
        PutOther,
        Delete,
        Get,
        Flush,
        Reopen,
        Kill,
    }

    private sealed record Command(Step Step, int Number, int Length);

    private static readonly Gen<Command> Commands = Gen.Select(
        Gen.Frequency(
            (8, Gen.Const(Step.Put)),
            (2, Gen.Const(Step.PutOther)),
            (4, Gen.Const(Step.Delete)),
            (6, Gen.Const(Step.Get)),
            (1, Gen.Const(Step.Flush)),
            (1, Gen.Const(Step.Reopen)),
            (1, Gen.Const(Step.Kill))),
        Gen.Int[0, 30],
        Gen.Int[0, 9000],
        (step, number, length) => new Command(step, number, length));

    // Null stands for a deleted blob. Small index and log segments, so that every roll happens.
    [Fact]
    public async Task Behaves_like_a_dictionary() =>
        await Commands.Array[1, 120].SampleAsync(
            async commands =>
            {
                var world = new World();
                await world.OpenAsync();
                foreach (Command command in commands)
                {
                    await world.StepAsync(command);
                }

                await world.ReopenAsync();
                await world.CheckAllAsync();
            },
            iter: 150);

    private sealed class World
    {
        private static readonly BlobStoreOptions Small =
            Options(rollEntries: 5, segmentBytes: 64 * 1024, journalEntries: 3);

        private readonly Dictionary<int, byte[]?> _model = [];
        private SimDisk _disk = new();
        private BlobStore? _store;

        private BlobStore Store => _store.ShouldNotBeNull();

        public async Task OpenAsync()
        {
            _store = await StoreKit.OpenAsync(_disk, Small);
            _store.Status.ShouldBe(new StoreStatus(StoreState.Running));
        }

        public async Task ReopenAsync()
        {
            await Store.DisposeAsync();
            await OpenAsync();
        }

        public async Task StepAsync(Command command)
        {
            switch (command.Step)
            {
                case Step.Put or Step.PutOther:
                    await PutAsync(command);
                    break;
                case Step.Delete:
                    StoreError expected = !_model.TryGetValue(command.Number, out byte[]? held) ? StoreError.NotFound
                        : held is null ? StoreError.Deleted : StoreError.None;
                    (await DeleteAsync(Store, command.Number)).ShouldBe(expected);
                    if (expected == StoreError.None)
                    {
                        _model[command.Number] = null;
                    }

                    break;
                case Step.Get:
                    await CheckAsync(command.Number);
                    break;
                case Step.Flush:
                    (await Store.FlushIndexAsync(CancellationToken.None)).ShouldBe(StoreError.None);
                    break;
                case Step.Reopen:
                    await ReopenAsync();
                    break;
                default:
                    BlobStore killed = Store;
                    _disk = _disk.Kill();
                    await killed.DisposeAsync();
                    await OpenAsync();
                    break;
            }
        }

        public async Task CheckAllAsync()
        {
            for (int number = 0; number <= 30; number++)
            {
                await CheckAsync(number);
            }

            Store.PutCount.ShouldBe(_model.Count);
            Store.DeleteCount.ShouldBe(_model.Values.Count(content => content is null));
        }

        private async Task PutAsync(Command command)
        {
            byte[] content = command.Step == Step.Put
                ? Content(command.Number, command.Number * 300)
                : Content(-1, command.Length);
            bool known = _model.TryGetValue(command.Number, out byte[]? held);
            StoreError expected = !known ? StoreError.None
                : held is null ? StoreError.Deleted
                : held.AsSpan().SequenceEqual(content) ? StoreError.None : StoreError.AlreadyExists;
            (await StoreKit.PutAsync(Store, command.Number, content)).ShouldBe(expected);
            if (!known)
            {
                _model[command.Number] = content;
            }
        }

        private async Task CheckAsync(int number)
        {
            if (!_model.TryGetValue(number, out byte[]? held))
            {
                (await ErrorOfAsync(Store, number)).ShouldBe(StoreError.NotFound);
            }
            else if (held is null)
            {
                (await ErrorOfAsync(Store, number)).ShouldBe(StoreError.Deleted);
            }
            else
            {
                await ShouldHoldAsync(Store, number, held);
            }
        }
    }
}
