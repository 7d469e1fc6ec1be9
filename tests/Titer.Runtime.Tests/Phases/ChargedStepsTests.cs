using Titer.Runtime.Phases;
using Titer.Runtime.Phases.Measuring;
using Titer.Tournament;

namespace Titer.Runtime.Tests.Phases;

/// <summary>What was computed must have been charged, within a factor that is stated.</summary>
public sealed class ChargedStepsTests
{
    private const double SecondsPerStep = 0.5;

    [Theory]
    [InlineData(24, 0, 24)]
    [InlineData(24, 1600, 100)]
    [InlineData(0, 0, 0)]
    public void Steps_of_several_passes_are_charged_as_several(long steps, long samples, double charged) =>
        Assert.Equal(charged, ChargedSteps.Of(steps, samples));

    [Fact]
    public void Up_to_the_factor_a_plugin_is_believed()
    {
        const double most = ChargedSteps.StartSeconds + ChargedSteps.MostFactor * 24 * SecondsPerStep;

        Assert.Null(ChargedSteps.Overrun(Order, charged: 24, computed: most, SecondsPerStep));
        Assert.NotNull(ChargedSteps.Overrun(Order, charged: 24, computed: most + 0.1, SecondsPerStep));
    }

    [Fact]
    public void Beyond_it_the_phase_says_both_figures()
    {
        var result = ChargedSteps.Overrun(Order, charged: 24, computed: 447, SecondsPerStep)!;

        Assert.Equal((PhaseStatus.Invalid, "TITER241"), (result.Status, result.Code));
        Assert.StartsWith("It charged 24 steps, computed about 900: more than 4 times", result.Reason, StringComparison.Ordinal);
    }

    private static PhaseOrder Order { get; } = new()
    {
        Phase = new Phase { Id = "0123456789abcdef", Kind = PhaseKind.Attack, Defense = Nobody, Attack = Nobody, Seed = 1, RandomSeed = 1 },
        ScenarioPartFile = "none",
        SubjectFolder = "none",
        Device = "cpu",
        Limits = new PhaseLimits { Steps = 24, WallSeconds = 60 },
        ScratchFolder = "none",
    };

    private static Entrant Nobody => new() { Id = "x", Label = "x", ContentHash = "" };
}
