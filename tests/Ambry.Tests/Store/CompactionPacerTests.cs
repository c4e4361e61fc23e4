using Ambry.Store.Compaction;
using Microsoft.Extensions.Time.Testing;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class CompactionPacerTests
{
    private const long MiB = 1 << 20;

    private static readonly PacerOptions Options = new(MiB, 8 * MiB, TimeSpan.FromMilliseconds(20));
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly ForegroundLatency _latency = new();

    [Fact]
    public void Bytes_are_spread_at_the_rate()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        pacer.Charge(4 * MiB).ShouldBe(TimeSpan.FromMilliseconds(500));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        pacer.Charge(2 * MiB).ShouldBe(TimeSpan.FromMilliseconds(250));
        pacer.Charge(2 * MiB).ShouldBe(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void Small_records_share_a_wait()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        TimeSpan waited = TimeSpan.Zero;
        int waits = 0;
        for (int i = 0; i < 1024; i++)
        {
            TimeSpan wait = pacer.Charge(8192);
            _time.Advance(wait);
            waited += wait;
            waits += wait > TimeSpan.Zero ? 1 : 0;
        }

        waited.ShouldBeInRange(Second - TimeSpan.FromMilliseconds(10), Second);
        waits.ShouldBeLessThanOrEqualTo(200);
    }

    [Fact]
    public async Task A_wait_may_be_longer_than_a_timer_takes()
    {
        var pacer = new CompactionPacer(PacerOptions.Fixed(1), latency: null, _time);
        TimeSpan expected = TimeSpan.FromSeconds(8 * MiB);
        Task spending = pacer.SpendAsync(8 * MiB, default).AsTask();
        TimeSpan waited = TimeSpan.Zero;
        for (; !spending.IsCompleted && waited < 2 * expected; waited += TimeSpan.FromHours(1))
        {
            _time.Advance(TimeSpan.FromHours(1));
        }

        await spending;
        waited.ShouldBeInRange(expected, expected + TimeSpan.FromHours(1));
    }

    [Fact]
    public void The_largest_rate_stays_one()
    {
        var pacer = new CompactionPacer(new PacerOptions(MiB, long.MaxValue, Second), _latency, _time);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(Second);
            pacer.Charge(MiB).ShouldBe(TimeSpan.Zero);
            pacer.BytesPerSecond.ShouldBe(long.MaxValue);
        }
    }

    [Fact]
    public void Time_without_work_is_not_caught_up_with()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        _time.Advance(TimeSpan.FromMinutes(5));
        pacer.Charge(8 * MiB).ShouldBe(Second);
    }

    [Fact]
    public void The_rate_halves_while_the_foreground_is_slow_and_never_falls_below_the_minimum()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        foreach (long expected in (long[])[4, 2, 1, 1, 1])
        {
            Observe(milliseconds: 30);
            NextSecond(pacer);
            pacer.BytesPerSecond.ShouldBe(expected * MiB);
        }

        foreach (long expected in (long[])[2, 3, 4, 5, 6, 7, 8, 8])
        {
            Observe(milliseconds: 10);
            NextSecond(pacer);
            pacer.BytesPerSecond.ShouldBe(expected * MiB);
        }
    }

    [Fact]
    public void A_quiet_foreground_does_not_slow_it()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        NextSecond(pacer);
        pacer.BytesPerSecond.ShouldBe(8 * MiB);
    }

    [Fact]
    public void A_few_slow_operations_do_not_slow_it()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        for (int i = 0; i < 96; i++)
        {
            _latency.Record(TimeSpan.FromMilliseconds(2), 0);
        }

        for (int i = 0; i < 4; i++)
        {
            _latency.Record(TimeSpan.FromMilliseconds(500), 0);
        }

        NextSecond(pacer);
        pacer.BytesPerSecond.ShouldBe(8 * MiB);
    }

    [Fact]
    public void A_fixed_rate_does_not_look_at_the_foreground()
    {
        var pacer = new CompactionPacer(PacerOptions.Fixed(100 * 1024), _latency, _time);
        Observe(milliseconds: 5000);
        NextSecond(pacer);
        pacer.BytesPerSecond.ShouldBe(100 * 1024);
    }

    [Fact]
    public void No_limit_never_waits() =>
        new CompactionPacer(PacerOptions.Fixed(0), _latency, _time).Charge(long.MaxValue / 4).ShouldBe(TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20_000)]
    [InlineData(20_001)]
    [InlineData(1_500_000)]
    public void A_percentile_is_at_most_a_half_above_what_was_recorded(long microseconds)
    {
        _latency.Record(TimeSpan.FromMicroseconds(microseconds), 0);
        double taken = _latency.TakePercentile().TotalMicroseconds;
        taken.ShouldBeInRange(microseconds, (microseconds * 1.5) + 1);
        _latency.TakePercentile().ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void A_large_operation_counts_by_its_share_of_a_mebibyte()
    {
        _latency.Record(TimeSpan.FromMilliseconds(40), 4 * MiB);
        _latency.TakePercentile().ShouldBeInRange(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(15));
    }

    [Fact]
    public async Task Spending_waits_by_the_clock_and_can_be_cancelled()
    {
        var pacer = new CompactionPacer(Options, _latency, _time);
        Task spending = pacer.SpendAsync(8 * MiB, CancellationToken.None).AsTask();
        spending.IsCompleted.ShouldBeFalse();
        _time.Advance(Second);
        await spending;

        using var stop = new CancellationTokenSource();
        Task cancelled = pacer.SpendAsync(8 * MiB, stop.Token).AsTask();
        stop.Cancel();
        await Should.ThrowAsync<OperationCanceledException>(() => cancelled);
    }

    private void Observe(int milliseconds)
    {
        for (int i = 0; i < 20; i++)
        {
            _latency.Record(TimeSpan.FromMilliseconds(milliseconds), 100);
        }
    }

    private void NextSecond(CompactionPacer pacer)
    {
        _time.Advance(Second);
        pacer.Charge(0);
    }
}
