using Titer.Tournament.Calibration;

namespace Titer.Tournament.Tests;

public sealed class StrengthFitTests
{
    [Fact]
    public void Rates_are_interpolated_on_a_logarithmic_scale()
    {
        var fit = StrengthFit.Fit([new(1e-4, 0), new(1e-3, 0.8), new(1e-2, 0.4)])!;

        Assert.Equal(0.8, fit.HighestHarm);
        // 30, 60 and 90% of 0.8, on the way from 1e-4 to 1e-3: 10^-3.7, 10^-3.4 and 10^-3.1.
        Assert.Equal((2.0e-4, 4.0e-4, 7.9e-4), (fit.Weak, fit.Medium, fit.Strong));
    }

    [Fact]
    public void The_first_rate_may_be_enough_and_nothing_may_do_harm()
    {
        Assert.Equal(1e-5, StrengthFit.Fit([new(1e-5, 0.9), new(1e-4, 0.9)])!.Strong);
        Assert.Null(StrengthFit.Fit([new(1e-5, 0), new(1e-4, 0)]));
        Assert.Null(StrengthFit.Fit([]));
    }

    [Fact]
    public void No_rate_is_fitted_to_noise_under_the_threshold_nor_to_harm_that_was_there_before()
    {
        RateOutcome[] noise = [new(1e-5, 0.02), new(1e-4, 0.11), new(1e-3, 0.2)];
        Assert.Null(StrengthFit.Fit(noise, harmThreshold: 0.2));
        Assert.NotNull(StrengthFit.Fit(noise, harmThreshold: 0.19));
        Assert.Null(StrengthFit.Fit([new(1e-5, 0.6), new(1e-4, 0.9)], harmThreshold: 0.2, harmBefore: 0.6));
    }

    [Fact]
    public void Harm_before_and_seconds_are_means_over_what_was_played()
    {
        var spec = Some.Spec() with { Attacks = [Some.Attack("high")] };
        var results = TournamentPlan.From(spec).Phases.Where(p => p.Kind == PhaseKind.Attack)
            .Select(p => Some.Trajectory(p, new() { [0] = p.Exposure == Exposure.InDomain ? 0.3 : 0.1, [32] = 0.9 }) with { Spent =
                new Spent { Steps = 32, WallSeconds = 16 } }).ToArray();

        Assert.Equal(0.2, StrengthFit.HarmBefore(results), 1e-9);
        Assert.Equal(0.5, StrengthFit.SecondsPerStep(results)!.Value, 1e-9);
        Assert.Null(StrengthFit.SecondsPerStep([]));
    }

    [Fact]
    public void Outcomes_are_means_over_seeds_and_exposures()
    {
        var spec = Some.Spec() with { Attacks = [Some.Attack("low"), Some.Attack("high")] };
        var results = TournamentPlan.From(spec).Phases.Select(p => p.Kind == PhaseKind.Attack && p.Attack!.Id == "high"
            ? Some.Trajectory(p, new() { [0] = 0, [32] = p.Exposure == Exposure.InDomain ? 0.8 : 0.4 }, utility: p.Seed == 3 ? 0.1 : 1)
            : Some.Standard(p, new Dictionary<string, Dictionary<int, double>> { ["no_defense"] = new() { [0] = 0, [32] = 0.2 } })).ToArray();

        var outcomes = StrengthFit.Outcomes(spec, results, r => r.Attack == "high" ? 1e-3 : 1e-4);

        // The harm of a ruined model is harm.
        Assert.Equal([(1e-4, 0.2), (1e-3, 0.6)], outcomes.Select(o => (o.LearningRate, Math.Round(o.Harm, 9))));
    }
}
