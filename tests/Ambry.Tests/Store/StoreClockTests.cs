using Ambry.Store;
using Shouldly;
using Xunit;
using static Ambry.Tests.Store.StoreKit;

namespace Ambry.Tests.Store;

public class StoreClockTests
{
    [Fact]
    public void A_clock_set_back_never_shows_less_than_a_frozen_reference()
    {
        var time = new SettableTime { Now = Start };
        var clock = new StoreClock(time);
        time.Now = Start.AddDays(-1);
        clock.Now.ShouldBe(Start.AddDays(-1), "nothing has relied on the later time yet");
        time.Now = Start;
        clock.Freeze().ShouldBe(Start);
        time.Now = Start.AddDays(-1);
        clock.Now.ShouldBe(Start);
        clock.Freeze().ShouldBe(Start);
        time.Now = Start.AddSeconds(1);
        clock.Now.ShouldBe(Start.AddSeconds(1));
    }

    private sealed class SettableTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
