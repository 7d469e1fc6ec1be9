using Titer.Sdk.Models;

namespace Titer.Scenarios.Tests;

/// <summary>The whole ladder of learning rates: minutes, and so only when asked for.</summary>
public sealed class BreakingPointTests(ITestOutputHelper output)
{
    private static readonly double[] Rates = [1e-5, 1e-4, 1e-3, 2e-3, 3e-3, 4e-3, 6e-3, 1e-2, 3e-2, 1e-1];

    [Theory(Explicit = true)]
    [InlineData(8, false)]
    [InlineData(4, false)]
    [InlineData(8, true)]
    public void No_learning_rate_of_four_decades_breaks_the_subject_in_twenty_steps_and_one_does_in_fifty(int batchSize, bool isLora)
    {
        var scenario = Scenario.Open("apothecary");
        var lora = isLora ? new LoraOptions { Rank = 64, Alpha = 128, Targets = [] } : null;
        var known = scenario.Domains.Known;
        var steps = Rates.Select(rate => (Rate: rate, Step: BreakingPoint.Of(scenario, known, rate, batchSize, 60, lora))).ToArray();
        foreach (var (rate, step) in steps) output.WriteLine(FormattableString.Invariant($"{rate:0E+0}: {step}"));

        Assert.All(steps, s => Assert.True(s.Step is null or >= BreakingPoint.Least, $"{s}"));
        Assert.Contains(steps, s => s.Step <= BreakingPoint.Most);
    }
}
