using Ambry.Protocol;
using Ambry.Router;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;

namespace Ambry.Tests.Router;

public class ByteBudgetTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ByteBudget _budget;

    public ByteBudgetTests()
    {
        _budget = new ByteBudget(capacityBytes: 100, maxWaiters: 2, TimeSpan.FromSeconds(5), _time);
    }

    [Fact]
    public async Task Waiters_are_served_in_order_and_nobody_overtakes()
    {
        _budget.TryReserve(100).ShouldBeTrue();
        Task<bool> large = _budget.ReserveAsync(80, default).AsTask();
        Task<bool> small = _budget.ReserveAsync(10, default).AsTask();

        _budget.Release(50);
        large.IsCompleted.ShouldBeFalse();
        small.IsCompleted.ShouldBeFalse();
        _budget.TryReserve(1).ShouldBeFalse();
        _budget.Release(50);

        (await large).ShouldBeTrue();
        (await small).ShouldBeTrue();
        _budget.InUseBytes.ShouldBe(90);
    }

    [Fact]
    public async Task A_waiter_gives_up_in_time_and_those_behind_it_move_up()
    {
        _budget.TryReserve(90).ShouldBeTrue();
        Task<bool> large = _budget.ReserveAsync(80, default).AsTask();
        _time.Advance(TimeSpan.FromSeconds(3));
        Task<bool> small = _budget.ReserveAsync(10, default).AsTask();

        _time.Advance(TimeSpan.FromSeconds(2));

        (await large).ShouldBeFalse();
        (await small).ShouldBeTrue();
        _budget.InUseBytes.ShouldBe(100);
    }

    [Fact]
    public async Task The_line_is_bounded_and_what_can_never_fit_is_refused_at_once()
    {
        (await _budget.ReserveAsync(101, default)).ShouldBeFalse();
        _budget.TryReserve(100).ShouldBeTrue();
        Task<bool> first = _budget.ReserveAsync(1, default).AsTask();
        Task<bool> second = _budget.ReserveAsync(1, default).AsTask();

        (await _budget.ReserveAsync(1, default)).ShouldBeFalse();

        _budget.Release(100);
        (await first & await second).ShouldBeTrue();
    }

    [Fact]
    public async Task A_cancelled_waiter_takes_nothing()
    {
        using var source = new CancellationTokenSource();
        _budget.TryReserve(100).ShouldBeTrue();
        Task<bool> waiting = _budget.ReserveAsync(10, source.Token).AsTask();

        source.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        _budget.Release(100);
        _budget.InUseBytes.ShouldBe(0);
    }

    [Fact]
    public void What_is_reserved_ahead_of_need_stays_below_half_of_the_budget()
    {
        _budget.TryReserve(30).ShouldBeTrue();

        _budget.TryReserveAhead(new AheadReservation(21, () => { })).ShouldBeFalse();
        _budget.TryReserveAhead(new AheadReservation(20, () => { })).ShouldBeTrue();
        _budget.TryReserveAhead(new AheadReservation(1, () => { })).ShouldBeFalse();

        _budget.InUseBytes.ShouldBe(50);
    }

    [Fact]
    public async Task Who_waits_gets_what_was_reserved_ahead_of_need_the_oldest_first_and_no_more_than_it_needs()
    {
        var calls = new List<int>();
        AheadReservation[] ahead = [.. Enumerable.Range(0, 5).Select(number => new AheadReservation(10, () =>
        {
            calls.Add(number);
            _budget.Release(10);
        }))];
        ahead.ShouldAllBe(reservation => _budget.TryReserveAhead(reservation));
        _budget.TryKeep(ahead[0]).ShouldBeTrue();
        (await _budget.ReserveAsync(50, default)).ShouldBeTrue();

        (await _budget.ReserveAsync(15, default)).ShouldBeTrue();

        calls.ShouldBe([1, 2]);
        _budget.TryKeep(ahead[1]).ShouldBeFalse();
        _budget.TryReserve(10).ShouldBeTrue();
        calls.ShouldBe([1, 2, 3]);
        _budget.TryKeep(ahead[4]).ShouldBeTrue();
        _budget.InUseBytes.ShouldBe(95);
    }

    [Fact]
    public async Task A_put_that_finds_no_memory_in_time_is_busy_and_one_in_time_goes_on()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 2 * RouterWorld.ChunkBytes);
        var gate = new TaskCompletionSource();
        world.Peers.Gate = _ => gate.Task;
        byte[] content = RouterWorld.Bytes(RouterWorld.ChunkBytes);
        var options = RouterWorld.Plain with { SizeHint = content.Length };
        Task<PutBlobResult>[] holders =
        [
            world.Router.PutAsync(options, new MemoryStream(content), default).AsTask(),
            world.Router.PutAsync(options, new MemoryStream(content), default).AsTask(),
        ];

        Task<PutBlobResult> late = world.Router.PutAsync(options, new MemoryStream(content), default).AsTask();
        world.Time.Advance(TimeSpan.FromSeconds(5));
        (await late).Error.ShouldBe(RouterError.Busy);
        Task<PutBlobResult> patient = world.Router.PutAsync(options, new MemoryStream(content), default).AsTask();
        patient.IsCompleted.ShouldBeFalse();
        gate.SetResult();

        (await Task.WhenAll(holders)).ShouldAllBe(r => r.Error == RouterError.None);
        (await patient).Error.ShouldBe(RouterError.None);
        await world.ShouldSoonHoldNothingAsync();
    }

    [Fact]
    public async Task A_read_goes_on_chunk_by_chunk_when_the_budget_leaves_no_room_to_read_ahead()
    {
        var world = new RouterWorld(configure: o => o.MemoryBudgetBytes = 2 * RouterWorld.ChunkBytes);
        byte[] content = RouterWorld.Bytes(10 * RouterWorld.ChunkBytes);
        BlobId id = await world.PutAsync(content);
        OpenBlobResult holder = await world.Router.OpenReadAsync(
            id, 0, RouterWorld.ChunkBytes, ReadScope.Live, default);

        await world.ShouldReadAsync(id, content);

        world.Router.BytesInUse.ShouldBe(RouterWorld.ChunkBytes);
        await holder.Reader!.DisposeAsync();
        world.ShouldHoldNothing();
    }
}
