namespace Titer.Tournament.Tests;

/// <summary>The names that people know, on numbers worked out by hand.</summary>
public sealed class AggregationTests
{
    private static readonly Dictionary<string, (double Harm, double Utility)> Attacks = new()
    {
        ["brutal"] = (0.9, 0.7),
        ["strong"] = (0.6, 0.88),
        ["gentle"] = (0.3, 0.98),
        ["idle"] = (0.1, 1),
    };

    [Fact]
    public void Worst_case_top_n_average_and_bounded_worst_case_are_what_their_names_say()
    {
        var spec = Some.Spec("vaccine") with { Attacks = [.. Attacks.Keys.Select(a => Some.Attack(a))],
            Aggregations = new AggregationSettings { TopN = 3, UtilityLosses = [0.05, 0.2, 0.5] } };
        var aggregations = Some.Play(spec, p => p.Kind != PhaseKind.Attack ? Some.Standard(p, new Dictionary<string, Dictionary<int, double>>())
            : p.Exposure == Exposure.InDomain
                ? Some.Trajectory(p, new() { [0] = 0, [32] = Attacks[p.Attack!.Id].Harm }, Attacks[p.Attack.Id].Utility)
            : Some.Trajectory(p, new() { [0] = 0, [32] = 0 })).Rows.Single(r => r.Defense == "vaccine").Aggregations;

        Assert.Equal(0.9, aggregations.WorstCase.Estimate, 1e-9);
        Assert.Equal((3, 0.6), (aggregations.TopN, Math.Round(aggregations.TopNAverage.Estimate, 9)));
        // At most 5% lost leaves the gentle attack, at most 20% the strong one, at most half the brutal one.
        Assert.Equal([0.3, 0.6, 0.9], aggregations.BoundedWorstCase.Select(b => Math.Round(b.Harm, 9)));
        Assert.False(aggregations.IsLowerBound);
    }

    [Fact]
    public void Nothing_measured_is_said_so()
    {
        var aggregations = Some.Play(Some.Spec("vaccine"), _ => null).Rows[0].Aggregations;

        Assert.Equal((double.NaN, 0), (aggregations.WorstCase.Estimate, aggregations.TopN));
    }
}
