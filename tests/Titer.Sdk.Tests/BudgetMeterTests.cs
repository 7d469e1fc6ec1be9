namespace Titer.Sdk.Tests;

public sealed class BudgetMeterTests
{
    [Fact]
    public void A_limit_may_be_reached_but_not_passed_and_stays_passed()
    {
        var meter = new BudgetMeter(new Budget { Steps = 2 });
        meter.ChargeStep();
        meter.ChargeStep();
        Assert.Equal(0, meter.StepsLeft);

        var e = Assert.Throws<BudgetExceededException>(meter.ChargeStep);

        Assert.Equal(("steps", 2.0), (e.Unit, e.Limit));
        Assert.Throws<BudgetExceededException>(() => meter.ChargeForward(1, 1, 1));
    }

    [Fact]
    public void Samples_tokens_and_flops_are_charged_together()
    {
        var meter = new BudgetMeter(new Budget { Flops = 1e6 });

        meter.ChargeForward(samples: 4, tokens: 80, parameterCount: 1000);

        Assert.Equal(new Spending(0, 4, 80, 480_000, 0), meter.Spent);
        Assert.Equal("FLOPs", Assert.Throws<BudgetExceededException>(() => meter.ChargeForward(8, 160, 1000)).Unit);
    }

    [Fact]
    public void The_hosts_own_work_is_neither_timed_nor_charged()
    {
        var clock = new FakeClock();
        var meter = new BudgetMeter(new Budget { WallSeconds = 5 }, clock);
        meter.Start();
        clock.Advance(2);
        using (meter.Suspend())
        {
            clock.Advance(100);
            meter.ChargeForward(1000, 1000, 1000);
        }

        clock.Advance(1);
        Assert.Equal((3.0, 0L), (meter.WallSeconds, meter.Samples));
        clock.Advance(3);
        Assert.Equal("seconds", Assert.Throws<BudgetExceededException>(meter.ChargeStep).Unit);
    }

    [Fact]
    public void Without_a_step_limit_loops_are_not_bounded_by_it() =>
        Assert.Equal(int.MaxValue, new BudgetMeter(new Budget()).StepsLeft);

    private sealed class FakeClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
