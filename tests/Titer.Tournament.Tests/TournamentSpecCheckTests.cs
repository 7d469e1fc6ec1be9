namespace Titer.Tournament.Tests;

/// <summary>A lock file is input from somebody else, and what it says of a setting is what was played.</summary>
public sealed class TournamentSpecCheckTests
{
    private static readonly ScoringMetric Metric = new() { Role = MetricRole.Harm, Id = "my_metric", ContentHash = new string('a', 64) };
    private static readonly TournamentSpec Spec = Some.Spec("good") with { Metrics = [Metric], MetricLimits = MetricLimits.Default };

    [Fact]
    public void An_honest_spec_is_accepted() => Assert.Null(TournamentSpecCheck.Problem(Spec));

    public static TheoryData<string, TournamentSpec> Refused => new()
    {
        { "one of its metrics", Spec with { Metrics = [null!] } },
        { "one of its metrics", Spec with { Metrics = [Metric with { Id = null! }] } },
        { "one of its metrics", Spec with { Metrics = [Metric with { Id = new string('x', 20_000) }] } },
        { "one of its metrics", Spec with { Metrics = [Metric with { ContentHash = null! }] } },
        { "one of its metrics", Spec with { Metrics = [Metric with { Role = (MetricRole)99 }] } },
        { "one of its metrics", Spec with { Metrics = [Metric with { Options = Some.Options("words", null!) }] } },
        { "its metrics have no bounds", Spec with { MetricLimits = new MetricLimits(-1, 2000) } },
        { "its metrics have no bounds", Spec with { MetricLimits = new MetricLimits(60, double.NaN) } },
        { "its metrics have no bounds", Spec with { MetricLimits = new MetricLimits(double.PositiveInfinity, 2000) } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_no_plan_could_be_made_of_is_refused(string part, TournamentSpec spec) =>
        Assert.Contains(part, TournamentSpecCheck.Problem(spec), StringComparison.Ordinal);

    [Theory]
    [InlineData(5e-7)]
    [InlineData(1.2345678e-5)]
    [InlineData(3e-12)]
    public void A_learning_rate_is_stored_as_it_is_played(double rate)
    {
        var spec = Spec with { Attacks = [.. Spec.Attacks.Select(a => a with { LearningRate = rate })] };

        Assert.All(TournamentJson.ParseSpec(TournamentJson.Serialize(spec)).Attacks, a => Assert.Equal(rate, a.LearningRate));
    }

    [Fact]
    public void Thresholds_and_budgets_are_stored_as_they_are_meant()
    {
        var spec = Spec with
        {
            Thresholds = Spec.Thresholds with { HarmThreshold = 0.123456789 },
            AttackLimits = Spec.AttackLimits with { WallSeconds = 0.00000012 },
        };
        var stored = TournamentJson.ParseSpec(TournamentJson.Serialize(spec));

        Assert.Equal((0.123456789, 0.00000012), (stored.Thresholds.HarmThreshold, stored.AttackLimits.WallSeconds));
    }
}
