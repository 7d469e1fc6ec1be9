using Titer.Runtime.Workers;

namespace Titer.Runtime.Tests.Workers;

/// <summary>Which part of a stretch of time is a plugin's own.</summary>
public sealed class OwnTimeTests
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData(0, 0, 200)]
    [InlineData(200, 0, 200)]
    [InlineData(50, 150, 50)]
    [InlineData(50, 100, 100)]
    [InlineData(400, 190, 200)]
    [InlineData(195, 200, 200)]
    public void Waiting_for_a_processor_that_others_have_is_not_its_own(double processorMilliseconds, double waitedMilliseconds,
        double ownMilliseconds) =>
        Assert.Equal(ownMilliseconds,
            OwnTime.Of(Look, Milliseconds(processorMilliseconds), Milliseconds(waitedMilliseconds), processors: 2).TotalMilliseconds, 6);

    [Fact]
    public void A_supervisor_that_was_stopped_charges_nothing_for_it() =>
        Assert.Equal(OwnTime.LongestLook, OwnTime.Of(TimeSpan.FromHours(1), TimeSpan.Zero, TimeSpan.Zero, processors: 2));

    [Fact]
    public void Whoever_starves_the_supervisor_by_its_own_processes_is_charged_for_them() =>
        Assert.Equal(TimeSpan.FromSeconds(10),
            OwnTime.Of(TimeSpan.FromSeconds(10), processor: TimeSpan.FromSeconds(20), waited: TimeSpan.FromSeconds(9), processors: 2));

    private static TimeSpan Milliseconds(double value) => TimeSpan.FromMilliseconds(value);
}
