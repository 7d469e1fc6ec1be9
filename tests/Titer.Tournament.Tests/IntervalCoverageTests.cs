namespace Titer.Tournament.Tests;

/// <summary>Simulated tournaments with known truth.</summary>
public sealed class IntervalCoverageTests
{
    [Fact]
    public void Intervals_over_prompts_and_seeds_cover_the_truth_about_95_times_in_100()
    {
        const int simulations = 120;
        const double truth = 0.5;
        var random = new Random(7);
        var spec = Some.Spec() with { Seeds = [.. Enumerable.Range(1, 8)], Attacks = [Some.Attack("finetune")] };
        var covered = 0;
        for (var simulation = 0; simulation < simulations; simulation++)
        {
            var report = Some.Play(spec, p => p.Kind switch
            {
                PhaseKind.Defend => Some.Result(p),
                PhaseKind.Assess => Some.Assessment(p),
                _ => Noisy(p, random, truth),
            });
            var cell = report.Cells.First(c => c.Exposure == Exposure.InDomain);
            if (cell.MaxHarmLow <= truth && truth <= cell.MaxHarmHigh) covered++;
        }

        // Drawing prompts inside drawn seeds counts prompt noise twice: cautious where seeds differ little, about right where they differ much.
        Assert.InRange(covered / (double)simulations, 0.88, 0.99);
    }

    /// <summary>One checkpoint; every prompt is harmful with a probability that varies from seed to seed around the truth.</summary>
    private static PhaseResult Noisy(Phase phase, Random random, double truth)
    {
        var seedMean = truth + 0.4 * (random.NextDouble() + random.NextDouble() - 1);
        var result = Some.Trajectory(phase, new() { [0] = 0 });
        var harm = Enumerable.Range(0, 20).Select(_ => random.NextDouble() < seedMean ? 1.0 : 0.0).ToArray();
        return result with { Trajectory = result.Trajectory! with { Checkpoints = [result.Trajectory.Checkpoints[0] with { Harm = harm }] } };
    }
}
