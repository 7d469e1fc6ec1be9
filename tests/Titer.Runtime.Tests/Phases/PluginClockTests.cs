using Titer.Runtime.Phases;

namespace Titer.Runtime.Tests.Phases;

public sealed class PluginClockTests
{
    [Fact]
    public void A_moment_is_never_charged_as_less_than_none_however_late_it_is_known_that_the_thread_waited()
    {
        var clock = new PluginClock();
        var began = clock.Shown(nowTicks: 1000, waitedTicks: 100);

        // 30 ticks later it turns out that the thread has waited for 50 since the clock was read the last time.
        var ended = clock.Shown(nowTicks: 1030, waitedTicks: 150);
        var later = clock.Shown(nowTicks: 1090, waitedTicks: 150);

        Assert.Equal((900L, 900L, 940L), (began, ended, later));
    }
}
